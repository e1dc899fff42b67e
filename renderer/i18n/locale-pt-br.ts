/** Every namespace of Brazilian Portuguese, in one chunk. */
export const files = import.meta.glob<Record<string, unknown>>('#resources/locales/pt-BR/*.json', {
  eager: true,
  import: 'default',
})
