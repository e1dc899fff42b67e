import type { TileOptions } from '#contract/model/dashboard.ts'
import type { Limits } from './tone.ts'

export interface GaugeRange {
  min: number
  max: number
}

/**
 * The ends of a gauge: those given; else room around the channel's limits; else per cent are 0 to 100; else the next
 * round number beyond the value.
 */
export function gaugeRange(
  options: Pick<TileOptions, 'min' | 'max'>,
  channel: Limits & { unit: string | null },
  value: number | null,
): GaugeRange {
  const guess = guessedRange(channel, value)
  const min =
    options.min ?? (options.max !== undefined && guess.min >= options.max ? options.max - 1 : guess.min)
  const max = options.max ?? (guess.max > min ? guess.max : min + Math.max(1, Math.abs(min)))
  return { min, max }
}

function guessedRange({ lowLimit, highLimit, unit }: Limits & { unit: string | null }, value: number | null) {
  if (lowLimit !== null && highLimit !== null) {
    const room = (highLimit - lowLimit) / 3
    return { min: lowLimit - room, max: highLimit + room }
  }
  if (unit === '%') return { min: 0, max: 100 }
  const furthest = Math.max(Math.abs(value ?? 0), Math.abs(highLimit ?? 0) * 1.25, Math.abs(lowLimit ?? 0))
  const end = roundUp(furthest)
  return { min: (value ?? 0) < 0 || (lowLimit ?? 0) < 0 ? -end : 0, max: end }
}

/** The next of 1, 2, 5, 10, 20, 50 … at or above; 1 for nothing. */
function roundUp(value: number): number {
  if (value <= 0 || !Number.isFinite(value)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10
  return step * power
}

/** The share of the gauge that a value stands at, 0 to 1. */
export function shareOf(value: number, { min, max }: GaugeRange): number {
  return Math.min(1, Math.max(0, (value - min) / (max - min)))
}

/** The gauge is open below: it goes over 240 degrees, clockwise from the lower left. */
const SWEEP = 240
const START = 150

/** An arc of the gauge from one share to another, as an SVG path around (50, 50). */
export function arcPath(from: number, to: number, radius: number): string {
  const start = pointAt(from, radius)
  const end = pointAt(to, radius)
  const large = (to - from) * SWEEP > 180 ? 1 : 0
  return `M${start}A${radius},${radius} 0 ${large} 1 ${end}`
}

function pointAt(share: number, radius: number): string {
  const angle = ((START + share * SWEEP) * Math.PI) / 180
  return `${(50 + radius * Math.cos(angle)).toFixed(2)},${(50 + radius * Math.sin(angle)).toFixed(2)}`
}
