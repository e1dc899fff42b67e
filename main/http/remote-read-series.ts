import { setImmediate as pause } from 'node:timers/promises'
import { ExpectedError } from '#contract/errors.ts'
import type { Historian } from '#platform/historian/historian.ts'
import { matcherOf, type RegexpBudget } from './remote-read-matchers.ts'
import { invalid, type ReadQuery, type ReadSeries } from './remote-read-messages.ts'
import { type Column, planOf, type ReadPlan } from './remote-read-plan.ts'

/** A channel with numbers, as Prometheus sees it. */
export interface ReadChannel {
  seriesId: number
  tenant: string
  gateway: string
  channel: string
  unit: string
  name: string
}

export interface ReadSource {
  historian: Pick<Historian, 'raw' | 'buckets'>
  /** Those that the caller may see. */
  channels: ReadChannel[]
  /** ms */
  now: number
}

export const SAMPLES_MAX = 1_000_000
const SERIES_MAX = 2_000
const SERIES_ASKED = 32
const PAGE = 10_000
const METRIC = 'millwright_reading'

/** Counts down over all queries of a request. */
export class SampleBudget {
  #left = SAMPLES_MAX

  /** @throws ExpectedError `too_many_samples` */
  take(samples: number): void {
    this.#left -= samples
    if (this.#left < 0) throw new ExpectedError('too_many_samples', { limit: SAMPLES_MAX })
  }
}

/** What all queries of a request may take together. */
export interface ReadBudget {
  samples: SampleBudget
  regexps: RegexpBudget
}

/** The series of one query, one after the other. @throws ExpectedError `remote_read_invalid`, `too_many_samples`, and as the historian */
export async function* seriesOf(
  query: ReadQuery,
  source: ReadSource,
  budget: ReadBudget,
  signal: AbortSignal,
): AsyncGenerator<ReadSeries> {
  const found = await wantedSeries(query, source, budget.regexps, signal)
  const plan = planOf(query)
  // One set of labels is several series where a gateway came back: its channels of then and of now.
  const batches = plan.kind === 'raw' ? found.map((group) => [group]) : chunks(found, SERIES_ASKED)
  for (const groups of batches) {
    const ids = groups.flatMap((group) => group.map(({ seriesId }) => seriesId))
    const samples =
      plan.kind === 'raw'
        ? await rawSamples(ids, query, source, budget.samples, signal)
        : await spanSamples(ids, plan, query, source, budget.samples, signal)
    for (const group of groups) {
      const [first] = group
      const joined = joinSamples(group.flatMap(({ seriesId }) => samples.get(seriesId) ?? []))
      if (first && joined.ts.length > 0) yield { labels: Object.entries(first.labels), ...joined }
    }
  }
}

/** Matching others wait for at once, ms: a hard expression may take so long for a few names. */
const MATCHED_A_TURN = 5

interface LabelledSeries {
  labels: Record<string, string>
  key: string
  seriesId: number
}

/** The channels that match, by their labels, in the order of these. */
async function wantedSeries(
  query: ReadQuery,
  { channels }: ReadSource,
  regexps: RegexpBudget,
  signal: AbortSignal,
): Promise<LabelledSeries[][]> {
  const isWanted = matcherOf(query.matchers, regexps)
  const wanted = new Map<string, LabelledSeries[]>()
  let since = performance.now()
  for (const channel of channels) {
    if (performance.now() - since > MATCHED_A_TURN) {
      await pause()
      signal.throwIfAborted()
      since = performance.now()
    }
    const one = { ...labelled(channel), seriesId: channel.seriesId }
    const group = wanted.get(one.key)
    if (group) group.push(one)
    else if (isWanted(one.labels)) wanted.set(one.key, [one])
  }
  if (wanted.size > SERIES_MAX) throw invalid(`it matches ${wanted.size} series, ${SERIES_MAX} at the most`)
  return [...wanted.values()].toSorted(([a], [b]) => ((a?.key ?? '') < (b?.key ?? '') ? -1 : 1))
}

interface Samples {
  ts: number[]
  values: number[]
}

async function rawSamples(
  seriesIds: number[],
  { startTimestampMs, endTimestampMs }: ReadQuery,
  { historian }: ReadSource,
  budget: SampleBudget,
  signal: AbortSignal,
): Promise<Map<number, Samples>> {
  const all = new Map<number, Samples>()
  if (startTimestampMs > endTimestampMs) return all
  for (const seriesId of seriesIds) {
    const samples: Samples = { ts: [], values: [] }
    let after: number | null = null
    do {
      const query = {
        seriesId,
        from: startTimestampMs,
        to: endTimestampMs + 1,
        order: 'ascending' as const,
        limit: PAGE,
      }
      const page = await historian.raw(after === null ? query : { ...query, after }, signal)
      budget.take(page.readings.length)
      for (const { ts, value } of page.readings) {
        if (typeof value === 'string') continue
        samples.ts.push(ts)
        samples.values.push(Number(value))
      }
      after = page.next
    } while (after !== null)
    all.set(seriesId, samples)
  }
  return all
}

async function spanSamples(
  seriesIds: number[],
  { edges, stride, column }: ReadPlan & { kind: 'spans' },
  { startTimestampMs, endTimestampMs }: ReadQuery,
  { historian, now }: ReadSource,
  budget: SampleBudget,
  signal: AbortSignal,
): Promise<Map<number, Samples>> {
  const all = new Map<number, Samples>()
  const spanOf = new Map(edges.map((edge, index) => [edge, index]))
  for (const part of chunks(seriesIds, SERIES_ASKED)) {
    for (const buckets of await historian.buckets({ seriesIds: part, edges }, signal)) {
      const samples: Samples = { ts: [], values: [] }
      for (const [row, start] of buckets.ts.entries()) {
        const span = spanOf.get(start) ?? -1
        if (span < 0 || span % stride !== 0) continue
        const value = buckets[column satisfies Column][row]
        // What lies ahead of now would hide what comes.
        const ts = Math.max(startTimestampMs, Math.min(edges[span + 1] ?? now, now, endTimestampMs))
        if (typeof value !== 'number' || Number.isNaN(value) || ts < start) continue
        samples.ts.push(ts)
        samples.values.push(value)
      }
      budget.take(samples.ts.length)
      all.set(buckets.seriesId, samples)
    }
  }
  return all
}

/** In the order of time, each time once. */
function joinSamples(parts: Samples[]): Samples {
  const [first, ...others] = parts
  if (!first || others.length === 0) return first ?? { ts: [], values: [] }
  const byTime = new Map<number, number>()
  for (const { ts, values } of parts)
    for (const [index, at] of ts.entries()) byTime.set(at, values[index] ?? Number.NaN)
  const ts = [...byTime.keys()].sort((a, b) => a - b)
  return { ts, values: ts.map((at) => byTime.get(at) ?? Number.NaN) }
}

/** Labels in the order of their names; an empty one is none. */
function labelled({ tenant, gateway, channel, unit, name }: ReadChannel) {
  const labels: Record<string, string> = { __name__: METRIC, channel, gateway, name, tenant }
  if (unit !== '') labels['unit'] = unit
  return { labels, key: JSON.stringify(labels) }
}

function chunks<T>(items: T[], size: number): T[][] {
  const result: T[][] = []
  for (let start = 0; start < items.length; start += size) result.push(items.slice(start, start + size))
  return result
}
