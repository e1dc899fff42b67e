/** The UI's own origin. */
export const UI_ORIGIN = 'app://ui'
/** Pages of the shell itself (the crash page): another origin, so the UI's rights do not reach them. */
export const SHELL_ORIGIN = 'app://shell'

/**
 * The origin of a URL, also of the `app:` scheme, which Node's `URL` calls opaque.
 *
 * @returns null for what is not a URL, and for opaque ones such as `data:`
 */
export function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null
  const { protocol, host, origin } = new URL(url)
  if (protocol === 'app:') return host === '' ? null : `app://${host}`
  return origin === 'null' ? null : origin
}
