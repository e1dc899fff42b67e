/**
 * The range of time that a chart shows, used the same everywhere. Live ranges end now and move with it; fixed
 * ones stay. All times and spans are ms.
 */
export type TimeRange = { live: true; span: number } | { live: false; from: number; to: number }

export interface TimeWindow {
  from: number
  /** Exclusive. */
  to: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Eight hours are a shift. */
export const presets = [
  { id: '15m', span: 15 * MINUTE },
  { id: '1h', span: HOUR },
  { id: '8h', span: 8 * HOUR },
  { id: '24h', span: DAY },
  { id: '7d', span: 7 * DAY },
  { id: '30d', span: 30 * DAY },
] as const
export type PresetId = (typeof presets)[number]['id']

export const MIN_SPAN = SECOND
export const MAX_SPAN = 10 * 366 * DAY
export const DEFAULT_RANGE: TimeRange = { live: true, span: HOUR }

/** What the range shows at `now`. */
export function windowOf(range: TimeRange, now: number): TimeWindow {
  return range.live ? { from: now - range.span, to: now } : { from: range.from, to: range.to }
}

/** The preset that a live range is, or null for an own range. */
export function presetOf(range: TimeRange): PresetId | null {
  return range.live ? (presets.find((preset) => preset.span === range.span)?.id ?? null) : null
}

/** One window back (-1) or forth (1). Forth stops at now, where the range becomes live again. */
export function stepped(range: TimeRange, now: number, direction: -1 | 1): TimeRange {
  const { from, to } = windowOf(range, now)
  const span = to - from
  if (direction === 1 && to + span >= now) return { live: true, span }
  return { live: false, from: Math.round(from + direction * span), to: Math.round(to + direction * span) }
}

/** Live keeps the span and follows now; fixed holds what is shown. */
export function toggledLive(range: TimeRange, now: number): TimeRange {
  return range.live ? { live: false, ...windowOf(range, now) } : { live: true, span: range.to - range.from }
}

/** The window scaled by `factor` (below 1 zooms in) so that `at` keeps its place on screen. */
export function zoomed(window: TimeWindow, at: number, factor: number): TimeWindow {
  const span = window.to - window.from
  const next = Math.min(MAX_SPAN, Math.max(MIN_SPAN, span * factor))
  const share = Math.min(1, Math.max(0, (at - window.from) / span))
  const from = Math.round(at - share * next)
  return { from, to: from + Math.round(next) }
}

export function panned(window: TimeWindow, by: number): TimeWindow {
  return { from: Math.round(window.from + by), to: Math.round(window.to + by) }
}

/**
 * The range that a gesture leaves behind: one that still reaches now stays live, one that went past it is pulled
 * back, and any other is fixed.
 */
export function rangeOf(window: TimeWindow, now: number, wasLive: boolean): TimeRange {
  const span = Math.min(MAX_SPAN, Math.max(MIN_SPAN, window.to - window.from))
  if (window.to > now || (wasLive && window.to >= now - span * 0.01)) return { live: true, span }
  return { live: false, from: window.from, to: window.from + span }
}

const units = { s: SECOND, m: MINUTE, h: HOUR, d: DAY } as const

/** As it stands in the address: `8h` or `90s` for live, `<from>-<to>` in ms for fixed. */
export function formatRange(range: TimeRange): string {
  if (!range.live) return `${range.from}-${range.to}`
  const preset = presetOf(range)
  if (preset !== null) return preset
  const unit = (['d', 'h', 'm'] as const).find((name) => range.span % units[name] === 0) ?? 's'
  return `${Math.max(1, Math.round(range.span / units[unit]))}${unit}`
}

/** The opposite of `formatRange`; null where the text is no range, for people edit addresses. */
export function parseRange(text: unknown): TimeRange | null {
  if (typeof text !== 'string') return null
  const live = /^(\d{1,9})([smhd])$/.exec(text)
  if (live !== null) {
    const span = Number(live[1]) * units[live[2] as keyof typeof units]
    return span >= MIN_SPAN && span <= MAX_SPAN ? { live: true, span } : null
  }
  const fixed = /^(\d{1,14})-(\d{1,14})$/.exec(text)
  if (fixed === null) return null
  const from = Number(fixed[1])
  const to = Number(fixed[2])
  return to - from >= MIN_SPAN && to - from <= MAX_SPAN ? { live: false, from, to } : null
}
