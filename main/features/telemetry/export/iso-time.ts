const MINUTE = 60_000
const two = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'))
const three = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'))

/**
 * ISO 8601 UTC to the millisecond, for times that mostly follow each other: only a new minute costs a Date.
 *
 * @example const iso = isoTimes(); iso(1771322400000) // 2026-02-17T10:00:00.000Z
 */
export function isoTimes(): (ts: number) => string {
  let minute = Number.NaN
  let prefix = ''
  return (ts) => {
    const start = Math.floor(ts / MINUTE)
    if (start !== minute) {
      minute = start
      prefix = new Date(start * MINUTE).toISOString().slice(0, -7)
    }
    const rest = ts - start * MINUTE
    const second = Math.floor(rest / 1_000)
    return `${prefix}${two[second]}.${three[rest - second * 1_000]}Z`
  }
}
