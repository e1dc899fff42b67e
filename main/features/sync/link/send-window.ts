import type { TimeZone } from '#platform/calendar/time-zone.ts'

/** Minutes after local midnight: readings are sent from one to the other; over midnight where `to` is not after. */
export interface SendWindow {
  from: number
  to: number
}

const MINUTE = 60_000
const DAY = 24 * 60

/** Whether readings may be sent now. Without a window, or with both ends the same: always. */
export function isInWindow(window: SendWindow | null, now: number, zone: TimeZone): boolean {
  if (window === null || window.from === window.to) return true
  const minute = Math.floor(zone.local(now) / MINUTE) % DAY
  const { from, to } = window
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}
