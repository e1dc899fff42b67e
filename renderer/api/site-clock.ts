/** Differences below this are the way of the message, not of the clocks, in ms. */
const TOLERANCE = 2_000

let offset = 0

/** The site told its time (ms): ages are counted by its clock, for a viewer's own may be wrong. */
export function noteSiteTime(siteTime: number, now = Date.now()): void {
  const seen = siteTime - now
  if (Math.abs(seen - offset) > TOLERANCE) offset = Math.abs(seen) > TOLERANCE ? seen : 0
}

/** Now by the site's clock, ms since 1970. */
export function siteNow(): number {
  return Date.now() + offset
}
