import { originOf, UI_ORIGIN } from './origins.ts'

/** The permissions that the UI needs, by Chromium's names. Everything else is refused: camera, USB, location, notifications … */
const granted: readonly string[] = ['clipboard-sanitized-write', 'fullscreen']

/** Whether a page of `url` may have a permission. */
export function decidePermission(permission: string, url: string, attachedOrigin: string | null): boolean {
  const origin = originOf(url)
  return (
    granted.includes(permission) && origin !== null && (origin === UI_ORIGIN || origin === attachedOrigin)
  )
}
