const KEY = 'millwright.invitation'

/**
 * The token of the link: out of the address at once, where shoulders and histories see it, and kept for this window
 * while the person signs in.
 */
export function takeToken(): string | null {
  const token = location.hash.slice(1)
  if (token === '') return sessionStorage.getItem(KEY)
  keepToken(token)
  history.replaceState(history.state, '', location.pathname)
  return token
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token)
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY)
}
