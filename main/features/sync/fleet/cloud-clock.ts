import { stampOf, stampTime } from '#platform/db/change-stamps.ts'
import type { Version } from './plan-object.ts'

/** The cloud's clock, ms, and how far this site's is ahead of it. */
export interface CloudClock {
  now: number
  ahead: number
}

/** Clocks that differ by less are right, and the cloud takes stamps so far ahead of its own. */
const TOLERANCE = 60_000

/**
 * The stamp of a change that was made here, as it counts against one that was made elsewhere: a clock that runs ahead must not
 * win for it. Where the stamp says nothing that can be, the change counts as made when it was put into the outbox, else as
 * made right after what it changed: against whatever somebody else did since then it loses, and both are told.
 */
export function timelyStamp(
  { stamp, base }: Version,
  { now, ahead }: CloudClock,
  queuedAt: number | null,
): string {
  const made = stampTime(stamp)
  const isFast = ahead > TOLERANCE
  if (stamp === base || made === 0 || (!isFast && made <= now + TOLERANCE)) return stamp
  const offset = isFast ? ahead : 0
  const likely = [made - offset, (queuedAt ?? Number.POSITIVE_INFINITY) - offset]
  const baseTime = stampTime(base ?? '')
  const ms = Math.max(likely.find((at) => at <= now + TOLERANCE) ?? 0, baseTime)
  const own = `${String(ms).padStart(13, '0')}${stamp.slice(13)}`
  return own > (base ?? '') ? own : after(base ?? '', stamp.slice(19))
}

function after(base: string, node: string): string {
  const count = Number.parseInt(base.slice(14, 18), 16)
  return count < 0xffff ? stampOf(stampTime(base), count + 1, node) : stampOf(stampTime(base) + 1, 0, node)
}
