import { originOf, UI_ORIGIN } from './origins.ts'

/** The permissions that the UI needs, by Chromium's names. Everything else is refused: USB, location, notifications … */
const granted: readonly string[] = ['clipboard-sanitized-write', 'fullscreen']

/**
 * Whether a page of `url` may have a permission. @param media what is asked for with `media`: the camera alone, which
 * reads the QR codes of boxes
 */
export function decidePermission(
  permission: string,
  url: string,
  attachedOrigin: string | null,
  media: readonly string[] = [],
): boolean {
  const origin = originOf(url)
  const isCamera = permission === 'media' && media.length > 0 && media.every((kind) => kind === 'video')
  return (
    (granted.includes(permission) || isCamera) &&
    origin !== null &&
    (origin === UI_ORIGIN || origin === attachedOrigin)
  )
}
