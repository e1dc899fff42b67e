import type { CloudLimits } from '#contract/model/cloud.ts'

/** The limits as typed. */
export interface LimitsForm {
  isLimited: boolean
  /** In kB/s. */
  rate: string
  hasWindow: boolean
  from: string
  to: string
  sendsPasswordHashes: boolean
  takesTenants: boolean
}

export const noLimits: LimitsForm = {
  isLimited: false,
  rate: '100',
  hasWindow: false,
  from: '22:00',
  to: '06:00',
  sendsPasswordHashes: false,
  takesTenants: false,
}

const LEAST_RATE = 1
const MOST_RATE = 1_000_000

type LimitsProblem = 'rate' | 'time' | 'sameTime'

export function limitsProblems(form: LimitsForm): Partial<Record<'rate' | 'from' | 'to', LimitsProblem>> {
  const rate = rateOf(form.rate)
  const from = minutesOf(form.from)
  const to = minutesOf(form.to)
  return {
    ...(form.isLimited && rate === null && { rate: 'rate' as const }),
    ...(form.hasWindow && from === null && { from: 'time' as const }),
    ...(form.hasWindow && to === null && { to: 'time' as const }),
    ...(form.hasWindow && to !== null && to === from && { to: 'sameTime' as const }),
  }
}

/** As the contract takes it; only where `limitsProblems` has none. */
export function limitsInput(form: LimitsForm): CloudLimits {
  const rate = rateOf(form.rate)
  const from = minutesOf(form.from)
  const to = minutesOf(form.to)
  return {
    bytesPerSecond: form.isLimited && rate !== null ? Math.round(rate * 1_000) : null,
    window: form.hasWindow && from !== null && to !== null ? { from, to } : null,
    sendsPasswordHashes: form.sendsPasswordHashes,
    takesTenants: form.takesTenants,
  }
}

export function limitsFormOf(limits: CloudLimits): LimitsForm {
  const { bytesPerSecond, window, sendsPasswordHashes, takesTenants } = limits
  return {
    isLimited: bytesPerSecond !== null,
    rate: bytesPerSecond === null ? noLimits.rate : String(bytesPerSecond / 1_000),
    hasWindow: window !== null,
    from: window === null ? noLimits.from : clockOf(window.from),
    to: window === null ? noLimits.to : clockOf(window.to),
    sendsPasswordHashes,
    takesTenants,
  }
}

/** kB/s; a comma counts as a point. Null: not a number, or outside what is taken. */
export function rateOf(text: string): number | null {
  const trimmed = text.trim().replace(',', '.')
  if (!/^\d+(\.\d+)?$/.test(trimmed)) return null
  const rate = Number(trimmed)
  return rate >= LEAST_RATE && rate <= MOST_RATE ? rate : null
}

/** `22:00`, `6`, `6h30` as minutes after midnight; null where it is no time of day. */
export function minutesOf(text: string): number | null {
  const match = /^([01]?\d|2[0-3])(?:[:.hH]?([0-5]\d)?)$/.exec(text.trim())
  return match === null ? null : Number(match[1]) * 60 + Number(match[2] ?? 0)
}

/** Minutes after midnight as `06:30`. */
export function clockOf(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

const DAY_S = 86_400

/**
 * How long sending takes under the limits, s: what was measured, held back by the rate, and only in the hours that are
 * open. Counted from when they open.
 */
export function durationUnder(limits: CloudLimits, bytes: number, measured: number): number {
  const byRate = limits.bytesPerSecond === null ? 0 : bytes / limits.bytesPerSecond
  const sending = Math.max(measured, byRate)
  if (limits.window === null) return sending
  const open = ((limits.window.to - limits.window.from + 1_440) % 1_440) * 60
  const days = Math.floor(sending / open)
  return days * DAY_S + (sending - days * open)
}
