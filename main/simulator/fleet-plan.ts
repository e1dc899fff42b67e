import { randomBytes } from 'node:crypto'
import { createMeter, type MeterType, type SimulatedChannel } from './meters.ts'

const PLACES = [
  'Boiler house',
  'Chiller plant',
  'Water intake',
  'Packing hall',
  'Compressor room',
  'Cold store',
]
const MIXES: readonly (readonly MeterType[])[] = [
  ['heat', 'energy'],
  ['energy', 'climate'],
  ['water', 'energy'],
  ['climate'],
  ['energy'],
  ['climate', 'water'],
]

/** What stands at the gateway of this index: a place, and meters that fit it. */
export function placeOf(index: number): { name: string; meters: readonly MeterType[] } {
  const at = index % PLACES.length
  return { name: `${PLACES[at]} ${Math.floor(index / PLACES.length) + 1}`, meters: MIXES[at] ?? [] }
}

/** The channels of a gateway: `meter1/…`, `meter2/…` in the order of `meters`. */
export function channelsOf(meters: readonly MeterType[], seed: string): SimulatedChannel[] {
  return meters.flatMap((type, index) => createMeter(type, `meter${index + 1}`, seed))
}

/** `SIM-0001` and on: the first `count` that are not taken. */
export function freeCodes(prefix: string, count: number, taken: ReadonlySet<string>): string[] {
  const codes: string[] = []
  for (let number = 1; codes.length < count; number += 1) {
    const code = prefix + String(number).padStart(4, '0')
    if (!taken.has(code)) codes.push(code)
  }
  return codes
}

/** A MAC that no maker gave out: the local bit is set (IEEE 802-2014 8.2.2). */
export function localMac(): string {
  return ['02', ...(randomBytes(5).toString('hex').match(/../g) ?? [])].join(':')
}
