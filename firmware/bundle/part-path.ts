import { ExpectedError } from '#contract/errors.ts'
import { bundleLimits } from './bundle-limits.ts'

/**
 * A path inside the bundle in its one spelling: `./esp32//app.bin` is `esp32/app.bin`. Addresses of the internet, absolute
 * paths, those of Windows, and any with `..` or control characters are refused.
 *
 * @throws ExpectedError `bundle_path_refused`
 */
export function insidePath(path: string): string {
  const refuse = () => new ExpectedError('bundle_path_refused', { path: path.slice(0, 200) })
  // A letter and a colon are a drive; more letters an address.
  if (path.length > bundleLimits.path || /^[a-z][a-z0-9+.-]*:|^\/|\\|\p{Cc}/iu.test(path)) throw refuse()
  const steps = path.split('/').filter((step) => step !== '' && step !== '.')
  if (steps.length === 0 || steps.includes('..') || steps.length > bundleLimits.depth) throw refuse()
  return steps.join('/')
}

/** `folder` and `path` joined; `''` is the bundle's own folder. */
export function below(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`
}
