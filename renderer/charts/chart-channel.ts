import type { Channel } from '#contract/model/channel.ts'
import type { ValueKind } from '#contract/model/reading.ts'

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
}

export function chartChannel(channel: Channel, color: number, name = channel.name): ChartChannel {
  const { id, unit, kind, lowLimit, highLimit } = channel
  return { id, name, unit, kind, lowLimit, highLimit, color }
}

/** Numbers are lines; booleans and texts are strips of states. */
export function isNumeric(channel: { kind: ValueKind }): boolean {
  return channel.kind === 'number' || channel.kind === 'integer'
}

/** Channels of the same unit share a scale; one without a unit has its own, for nothing says what it measures. */
export function scaleOf(channel: { id: string; unit: string | null }): string {
  return channel.unit === null || channel.unit === '' ? `channel:${channel.id}` : `unit:${channel.unit}`
}

export interface ChartScale {
  key: string
  unit: string | null
  /** The only channel on it, or null. */
  only: ChartChannel | null
}

/** The scales of a chart, in the order of its channels; that of the focused channel first. */
export function scalesOf(channels: readonly ChartChannel[], focus: string | null): ChartScale[] {
  const scales = new Map<string, ChartScale>()
  const ordered = [...channels].sort((a, b) => Number(b.id === focus) - Number(a.id === focus))
  for (const channel of ordered) {
    const key = scaleOf(channel)
    const known = scales.get(key)
    if (known === undefined) scales.set(key, { key, unit: channel.unit, only: channel })
    else known.only = null
  }
  return [...scales.values()]
}

/** More axes than this are not read; the readout and the legend still tell the values of the others. */
export const AXES = 4
/** On a phone the lines need the room. */
export const AXES_NARROW = 2
/** CSS pixels below which a chart is narrow. */
export const NARROW = 560
