/** Readings that waited at a time, ms. */
export interface TrailPoint {
  at: number
  readings: number
}

/** How far back the line goes, ms. */
export const TRAIL_SPAN = 10 * 60_000
/** A line that has just begun is not drawn wider than this, ms. */
const LEAST_SPAN = 60_000
/** Closer together they would share a pixel, ms. */
const APART = 1_000

/** The trail with a new value; what is too old is dropped, but for the point that the line enters from. */
export function extendTrail(trail: readonly TrailPoint[], point: TrailPoint): TrailPoint[] {
  const last = trail.at(-1)
  const kept =
    last !== undefined && point.at - last.at < APART && trail.length > 1 ? trail.slice(0, -1) : [...trail]
  const from = point.at - TRAIL_SPAN
  const first = kept.findLastIndex(({ at }) => at <= from)
  return [...kept.slice(Math.max(first, 0)), point]
}

interface TrailShape {
  line: string
  area: string
  /** The highest value. */
  most: number
  /** What the width stands for, ms. */
  span: number
}

/** The line of a trail up to now in a box of the given size; null where there is nothing to draw. */
export function trailShape(
  trail: readonly TrailPoint[],
  now: number,
  width: number,
  height: number,
): TrailShape | null {
  const [begin] = trail
  const last = trail.at(-1)
  if (begin === undefined || last === undefined) return null
  const end = Math.max(now, last.at)
  const span = Math.min(TRAIL_SPAN, Math.max(LEAST_SPAN, end - begin.at))
  const most = Math.max(...trail.map(({ readings }) => readings))
  const x = (at: number) => Math.max(0, ((at - end + span) / span) * width)
  // A pixel of room at each edge, for the stroke.
  const y = (readings: number) => height - 1 - (most === 0 ? 0 : (readings / most) * (height - 2))
  const points = [...trail, { at: end, readings: last.readings }]
  const line = points
    .map(
      ({ at, readings }, index) => `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)},${y(readings).toFixed(1)}`,
    )
    .join('')
  return { line, area: `${line}V${height}H${x(begin.at).toFixed(1)}Z`, most, span }
}

let kept: { key: string; trail: TrailPoint[] } = { key: '', trail: [] }

/** Notes a value for as long as this page is open: coming back to the screen finds the line. `key`: of which link. */
export function noteBacklog(key: string, point: TrailPoint): readonly TrailPoint[] {
  kept = { key, trail: extendTrail(kept.key === key ? kept.trail : [], point) }
  return kept.trail
}
