const DAY = 86_400_000
const TURN = (2 * Math.PI) / DAY

/**
 * A load over the day: higher by day, with a morning and an evening crest, never below zero for the amplitudes used
 * here. As a short Fourier sum it has an exact integral, which is what a counter shows.
 */
export interface DayShape {
  mean: number
  /** Shares of the mean: of the daily and the half-daily wave; together below 1. */
  daily: number
  halfDaily: number
  /** ms: when the daily wave crests. */
  crest: number
}

/** The load at `time` (ms), in units of the mean. */
export function loadAt({ mean, daily, halfDaily, crest }: DayShape, time: number): number {
  const angle = TURN * (time - crest)
  return mean * (1 + daily * Math.cos(angle) + halfDaily * Math.cos(2 * angle - 1))
}

/** The integral of `loadAt` from `since` to `time`, in units of the mean times hours. */
export function loadSince(shape: DayShape, since: number, time: number): number {
  const sum = (at: number): number => {
    const angle = TURN * (at - shape.crest)
    return (
      at + (shape.daily * Math.sin(angle)) / TURN + (shape.halfDaily * Math.sin(2 * angle - 1)) / (2 * TURN)
    )
  }
  return (shape.mean * (sum(time) - sum(since))) / 3_600_000
}
