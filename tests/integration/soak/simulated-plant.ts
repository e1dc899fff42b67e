import type { ModelRow } from '#platform/historian/testing/store-model.ts'

/** Channels of one kind and class. */
export interface Kind {
  name: string
  channels: number
  retentionClass: string
  kind: ModelRow['kind']
  value(step: number, channel: number): ModelRow['value']
}

/** A plant's mixture: temperatures, computed values, pumps, states; some of it kept for a day or a week. */
export function plantOf(size: number): Kind[] {
  const walk = (step: number, channel: number) => Math.sin(step / 500 + channel) * 8 + noise(step, channel)
  return [
    {
      name: 'temperature',
      channels: 6 * size,
      retentionClass: 'standard',
      kind: 'number',
      value: (step, channel) => Math.round((20 + walk(step, channel)) * 100) / 100,
    },
    {
      name: 'power',
      channels: 2 * size,
      retentionClass: 'week',
      kind: 'number',
      value: (step, channel) => 400 + walk(step, channel) / Math.PI,
    },
    {
      name: 'pump',
      channels: size,
      retentionClass: 'day',
      kind: 'boolean',
      value: (step, channel) => Math.floor(step / 90 + channel) % 3 === 0,
    },
    {
      name: 'state',
      channels: size,
      retentionClass: 'standard',
      kind: 'text',
      value: (step, channel) => (Math.floor(step / 200 + channel) % 2 === 0 ? 'running' : 'stopped'),
    },
  ]
}

/** The same numbers in every run, in [-0.2, 0.2). */
function noise(step: number, channel: number): number {
  let mixed = Math.imul(step ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(channel + 1, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32 / 2.5 - 0.2
}

/** Rows of [from, to) of every channel, every `every` ms. */
export function rowsOf(
  plant: readonly Kind[],
  { from, to, every }: { from: number; to: number; every: number },
): ModelRow[] {
  const rows: ModelRow[] = []
  for (let ts = from; ts < to; ts += every) {
    const step = Math.round(ts / every)
    for (const { name, channels, kind, value } of plant) {
      for (let one = 0; one < channels; one++)
        rows.push({ channel: `${name}/${one}`, kind, ts, value: value(step, one), quality: 0 })
    }
  }
  return rows
}

/** What a network does to them: some come twice, some an hour late. Nothing is lost, and each is in the end there once. */
export class Unreliable {
  #late: ModelRow[] = []

  /** `hourEnds`: what was late comes now. */
  send(rows: readonly ModelRow[], hourEnds: boolean): ModelRow[] {
    const sent: ModelRow[] = hourEnds ? this.#late.splice(0) : []
    for (const [index, row] of rows.entries()) {
      if (index % 101 === 100) this.#late.push(row)
      else sent.push(row)
      if (index % 211 === 210) sent.push(row)
    }
    return sent
  }
}
