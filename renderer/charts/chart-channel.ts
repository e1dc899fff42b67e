import type { Channel } from '#contract/model/channel.ts'
import type { ValueKind } from '#contract/model/reading.ts'
import type { TrendAxis } from '#contract/model/trend.ts'

/** A channel as a chart draws it. */
export interface ChartChannel {
  id: string
  /** What the legend and the readout call it. */
  name: string
  unit: string | null
  kind: ValueKind
  lowLimit: number | null
  highLimit: number | null
  /** Its place in the palette. */
  color: number
  /** The scale it is drawn on; that of its unit where left out. */
  axis?: TrendAxis
  /** Ends of its scale; they follow the readings where left out or null. */
  min?: number | null
  max?: number | null
}

/** How one channel of a chart is drawn, where a person chose it. */
export type ChannelScale = Required<Pick<ChartChannel, 'axis' | 'min' | 'max'>>

export function chartChannel(
  channel: Pick<Channel, 'id' | 'name' | 'unit' | 'kind' | 'lowLimit' | 'highLimit'>,
  color: number,
  name = channel.name,
  scale?: ChannelScale,
): ChartChannel {
  const { id, unit, kind, lowLimit, highLimit } = channel
  const { axis, min, max } = scale ?? { axis: 'auto', min: null, max: null }
  return { id, name, unit, kind, lowLimit, highLimit, color, axis, min, max }
}

/** Numbers are lines; booleans and texts are strips of states. */
export function isNumeric(channel: { kind: ValueKind }): boolean {
  return channel.kind === 'number' || channel.kind === 'integer'
}

/** Whether a value lies beyond a limit of its channel. */
export function crossed(
  channel: { lowLimit: number | null; highLimit: number | null },
  value: number,
): boolean {
  return (
    (channel.highLimit !== null && value > channel.highLimit) ||
    (channel.lowLimit !== null && value < channel.lowLimit)
  )
}

/**
 * The scale a channel stands on. Channels of the same unit share one; a channel without a unit has its own, for
 * nothing says what it measures; what is put on a side shares that side's.
 */
export function scaleOf(channel: Pick<ChartChannel, 'id' | 'unit' | 'axis'>): string {
  const { axis = 'auto', unit, id } = channel
  if (axis === 'left' || axis === 'right') return `side:${axis}`
  return axis === 'own' || unit === null || unit === '' ? `channel:${id}` : `unit:${unit}`
}

export interface ChartScale {
  key: string
  /** Of its channels; several with commas between. */
  unit: string | null
  /** The only channel on it, or null. */
  only: ChartChannel | null
  /** Where it has to stand, or null. */
  side: 'left' | 'right' | null
  /** Ends that a person fixed, or null. */
  min: number | null
  max: number | null
}

/** The scales of a chart, in the order of its channels; that of the focused channel first. */
export function scalesOf(channels: readonly ChartChannel[], focus: string | null): ChartScale[] {
  const scales = new Map<string, ChartScale & { units: Set<string> }>()
  const ordered = [...channels].sort((a, b) => Number(b.id === focus) - Number(a.id === focus))
  for (const channel of ordered) {
    const key = scaleOf(channel)
    const scale = scales.get(key) ?? {
      key,
      unit: null,
      only: channel,
      side: channel.axis === 'left' || channel.axis === 'right' ? channel.axis : null,
      min: null,
      max: null,
      units: new Set<string>(),
    }
    if (scales.has(key)) scale.only = null
    else scales.set(key, scale)
    if (channel.unit !== null && channel.unit !== '') scale.units.add(channel.unit)
    // Of several fixed ends on one scale all are shown.
    scale.min = leastOf(scale.min, channel.min ?? null)
    scale.max = mostOf(scale.max, channel.max ?? null)
  }
  return [...scales.values()].map(({ units, ...scale }) => ({
    ...scale,
    unit: units.size === 0 ? null : [...units].join(', '),
  }))
}

function leastOf(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function mostOf(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}

export type PlacedScale = ChartScale & { side: 'left' | 'right' }

/** The scales that get an axis, `most` of them: first those with a side of their own, the others where there is room. */
export function placedScales(scales: readonly ChartScale[], most: number): PlacedScale[] {
  const chosen = new Set(
    [...scales].sort((a, b) => Number(b.side !== null) - Number(a.side !== null)).slice(0, most),
  )
  const taken = { left: 0, right: 0 }
  for (const { side } of chosen) if (side !== null) taken[side]++
  return scales
    .filter((scale) => chosen.has(scale))
    .map((scale) => {
      const side = scale.side ?? (taken.left <= taken.right ? 'left' : 'right')
      if (scale.side === null) taken[side]++
      return { ...scale, side }
    })
}

/** More axes than this are not read; the readout and the legend still tell the values of the others. */
export const AXES = 4
/** On a phone the lines need the room. */
export const AXES_NARROW = 2
/** CSS pixels below which a chart is narrow. */
export const NARROW = 560
