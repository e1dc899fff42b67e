/** Every namespace of English, in one chunk. */
export const files = import.meta.glob<Record<string, unknown>>('#resources/locales/en/*.json', {
  eager: true,
  import: 'default',
})
