import type { ReadingValue, ValueKind } from '#contract/model/reading.ts'
import { type DayShape, loadAt, loadSince } from './day-shape.ts'
import { hashText, smoothNoise, trait, unitNoise } from './noise.ts'
import { type Pump, pumpedHours, pumpRuns, tankLevel } from './pump.ts'

/** One quantity of a meter. */
export interface SimulatedChannel {
  /** As on the wire: `meter1/energy`. */
  key: string
  unit: string | null
  kind: ValueKind
  /** How seldom it is sent: every so many messages. */
  every: number
  /** Depends on the time (ms) alone. */
  valueAt(time: number): ReadingValue
}

export const meterTypes = ['water', 'energy', 'climate', 'heat'] as const
export type MeterType = (typeof meterTypes)[number]

/** When the counters stood at their start: 2024-01-01T00:00:00Z. */
const COUNTERS_SINCE = 1_704_067_200_000
const MINUTE = 60_000
const HOUR = 3_600_000
const MODES = ['auto', 'auto', 'auto', 'auto', 'manual', 'service'] as const

/** The channels of a meter; `seed` (a gateway's code, a name) decides its size and its noise. */
export function createMeter(type: MeterType, name: string, seed: string): SimulatedChannel[] {
  const number = hashText(`${seed}/${name}`)
  switch (type) {
    case 'water':
      return waterMeter(name, number)
    case 'energy':
      return energyMeter(name, number)
    case 'climate':
      return climateSensor(name, number)
    case 'heat':
      return heatLoop(name, number)
  }
}

function waterMeter(name: string, seed: number): SimulatedChannel[] {
  const pump: Pump = {
    cycle: trait(seed, 'cycle', 18, 50) * MINUTE,
    duty: trait(seed, 'duty', 0.35, 0.7),
    offset: trait(seed, 'offset', 0, 50) * MINUTE,
  }
  const flow = trait(seed, 'flow', 8, 60)
  const start = Math.floor(trait(seed, 'start', 2_000, 90_000))
  return [
    decimal(`${name}/flow`, 'm³/h', 2, (time) =>
      pumpRuns(pump, time) ? flow * (1 + 0.04 * smoothNoise(seed, time, 40_000)) : 0,
    ),
    decimal(`${name}/volume`, 'm³', 2, (time) => start + flow * pumpedHours(pump, COUNTERS_SINCE, time)),
    decimal(
      `${name}/level`,
      '%',
      1,
      (time) => 32 + 56 * tankLevel(pump, time) + smoothNoise(seed + 1, time, 9_000),
    ),
    { key: `${name}/pump`, unit: null, kind: 'boolean', every: 1, valueAt: (time) => pumpRuns(pump, time) },
    modeOf(name, seed),
  ]
}

function energyMeter(name: string, seed: number): SimulatedChannel[] {
  const shape = dayShape(seed, trait(seed, 'power', 12, 240))
  const start = Math.floor(trait(seed, 'start', 20_000, 900_000))
  return [
    decimal(
      `${name}/power`,
      'kW',
      2,
      (time) => loadAt(shape, time) * (1 + 0.07 * smoothNoise(seed, time, 25_000)),
    ),
    decimal(`${name}/energy`, 'kWh', 1, (time) => start + loadSince(shape, COUNTERS_SINCE, time)),
    decimal(`${name}/voltage`, 'V', 1, (time) => {
      // The line sags a little under its own load.
      const sag = 2.5 * (loadAt(shape, time) / shape.mean - 1)
      return (
        229.5 - sag + 1.8 * smoothNoise(seed + 2, time, 5 * MINUTE) + 0.3 * smoothNoise(seed + 3, time, 4_000)
      )
    }),
    decimal(`${name}/frequency`, 'Hz', 3, (time) => 50 + 0.025 * smoothNoise(7, time, 20_000)),
  ]
}

function climateSensor(name: string, seed: number): SimulatedChannel[] {
  const mean = trait(seed, 'mean', 16, 27)
  const swing = trait(seed, 'swing', 1, 4.5)
  const crest = trait(seed, 'crest', 13, 16) * HOUR
  const temperature = (time: number): number =>
    mean +
    swing * Math.cos(((time - crest) * 2 * Math.PI) / (24 * HOUR)) +
    0.8 * smoothNoise(seed, time, 50 * MINUTE) +
    0.06 * smoothNoise(seed + 1, time, 8_000)
  return [
    decimal(`${name}/temperature`, '°C', 2, temperature),
    decimal(`${name}/humidity`, '%', 1, (time) =>
      clamp(55 - 3.2 * (temperature(time) - mean) + 6 * smoothNoise(seed + 4, time, 90 * MINUTE), 12, 98),
    ),
  ]
}

function heatLoop(name: string, seed: number): SimulatedChannel[] {
  const shape = dayShape(seed, trait(seed, 'load', 0.45, 0.7))
  const supply = trait(seed, 'supply', 62, 88)
  const burner: Pump = {
    cycle: trait(seed, 'cycle', 6, 14) * MINUTE,
    duty: trait(seed, 'duty', 0.4, 0.75),
    offset: trait(seed, 'offset', 0, 14) * MINUTE,
  }
  const supplyAt = (time: number): number =>
    supply + 5 * (tankLevel(burner, time) - 0.5) + 0.3 * smoothNoise(seed, time, 15_000)
  return [
    decimal(`${name}/supply`, '°C', 1, supplyAt),
    decimal(
      `${name}/return`,
      '°C',
      1,
      (time) => supplyAt(time) - 22 * loadAt(shape, time) - smoothNoise(seed + 5, time, MINUTE),
    ),
    decimal(
      `${name}/pressure`,
      'bar',
      2,
      (time) => 1.9 + 0.25 * tankLevel(burner, time) + 0.03 * smoothNoise(seed + 6, time, 12_000),
    ),
    {
      key: `${name}/burner`,
      unit: null,
      kind: 'boolean',
      every: 1,
      valueAt: (time) => pumpRuns(burner, time),
    },
    modeOf(name, seed),
  ]
}

/** Somebody turns the key switch now and then. */
function modeOf(name: string, seed: number): SimulatedChannel {
  const valueAt = (time: number): string =>
    MODES[Math.floor(unitNoise(seed + 8, Math.floor(time / (3 * HOUR))) * MODES.length)] ?? 'auto'
  return { key: `${name}/mode`, unit: null, kind: 'text', every: 30, valueAt }
}

function dayShape(seed: number, mean: number): DayShape {
  return {
    mean,
    daily: trait(seed, 'daily', 0.2, 0.45),
    halfDaily: trait(seed, 'half', 0.05, 0.2),
    crest: trait(seed, 'crest', 11, 16) * HOUR,
  }
}

function decimal(key: string, unit: string, digits: number, at: (time: number) => number): SimulatedChannel {
  const scale = 10 ** digits
  return { key, unit, kind: 'number', every: 1, valueAt: (time) => Math.round(at(time) * scale) / scale }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
