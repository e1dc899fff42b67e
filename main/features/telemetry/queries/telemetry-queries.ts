import { ExpectedError } from '#contract/errors.ts'
import type { Buckets } from '#contract/model/telemetry-query.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { PlantCalendar } from '#platform/calendar/calendar-spans.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { BucketSeries, Historian, Spans } from '#platform/historian/historian.ts'
import type { CalculatedChannels } from '../calculated-channels.ts'
import type { LiveChannel } from '../channel-registry.ts'
import type { TelemetryService } from '../telemetry.service.ts'
import { checkRange, readRange } from '../time-range.ts'
import { alignBuckets, alignReadings } from './aligned.ts'
import { joinSpans, type KnownDamage } from './known-damage.ts'
import { mergedReadings } from './merged-readings.ts'
import { type QuerySpans, spansOf } from './query-spans.ts'
import { type Subject, Subjects, type SubjectsReference } from './subjects.ts'

export interface TelemetryQueriesDependencies {
  service: TelemetryService
  historian: Historian
  clock: Clock
  calculations: CalculatedChannels
  calendar(): PlantCalendar
  damage: KnownDamage
}

type Instant = number | string | undefined
interface RangeInput {
  from?: Instant
  to?: Instant
}
interface SpansInput extends RangeInput {
  buckets?: number | undefined
  interval?: string | undefined
}
type ChannelInput = RangeInput & {
  gateway: string
  tenant?: string | undefined
  channel?: string | undefined
}

/** Spans of one answer of states. */
const STATE_SPANS_MAX = 1_000

/** What is asked over time: single readings, spans of them, and what can be counted of both. */
export class TelemetryQueries {
  readonly #dependencies: TelemetryQueriesDependencies
  readonly #subjects: Subjects

  constructor(dependencies: TelemetryQueriesDependencies) {
    this.#dependencies = dependencies
    this.#subjects = new Subjects(dependencies.service, dependencies.calculations)
  }

  /** Single readings in pages, or spans; of one channel or of several side by side. */
  async query(
    scope: TenantScope,
    input: SubjectsReference &
      SpansInput & { order: 'ascending' | 'descending'; limit: number; after?: number | undefined },
    signal: AbortSignal | undefined,
  ) {
    const { calendar, clock } = this.#dependencies
    const subjects = await this.#subjects.find(scope, input)
    const range = readRange(input, clock.now())
    const spans = spansOf({ ...input, ...range }, calendar(), subjects.length)
    const [only] = subjects
    const channel = subjects.length === 1 && only?.kind === 'channel' ? only.channel : null
    const answer = {
      channel: channel && this.#plain(channel),
      from: spans?.from ?? range.from,
      to: spans?.to ?? range.to,
      readings: null,
      next: null,
      buckets: null,
      aligned: null,
      edges: spans?.edges ?? null,
      damaged: [],
    }
    if (spans !== null) {
      const all = await this.#buckets(subjects, spans.spans, signal)
      const damaged = joinSpans(all.flatMap(({ buckets }) => buckets.damaged))
      return channel && all[0]
        ? { ...answer, buckets: all[0].buckets, damaged }
        : { ...answer, aligned: alignBuckets(all), damaged }
    }
    return { ...answer, ...(await this.#readings(subjects, { ...input, ...range }, signal)) }
  }

  async #readings(
    subjects: Subject[],
    query: {
      from: number
      to: number
      order: 'ascending' | 'descending'
      limit: number
      after?: number | undefined
    },
    signal: AbortSignal | undefined,
  ) {
    const { historian } = this.#dependencies
    const { from, to, order, limit, after } = query
    const seriesIds = subjects.map((subject) => {
      if (subject.kind === 'calculation') throw new ExpectedError('calculation_without_readings')
      return subject.channel.row.seriesId
    })
    const [only] = seriesIds
    if (seriesIds.length === 1 && only !== undefined) {
      const asked = { seriesId: only, from, to, order, limit, ...(after !== undefined && { after }) }
      return historian.raw(asked, signal)
    }
    const page = await mergedReadings(historian, { seriesIds, from, to, order, limit, after }, signal)
    const columns = subjects.map(({ quantity }, index) => ({
      quantity,
      readings: page.readings[index] ?? [],
    }))
    return { aligned: alignReadings(columns, order), next: page.next, damaged: joinSpans(page.damaged) }
  }

  /** Buckets of channels and calculations, by id. @throws ExpectedError `not_found`, `range_invalid` */
  async chart(
    scope: TenantScope,
    input: { channelIds: string[]; from: number; to: number; points: number },
    signal: AbortSignal | undefined,
  ) {
    const { channelIds, from, to, points } = input
    checkRange(from, to)
    const subjects = [...new Set(channelIds)].map((id) => this.#subjects.byId(scope, id))
    const all = await this.#buckets(subjects, { from, to, count: points }, signal)
    return { series: all.map(({ quantity, buckets }) => ({ channelId: quantity.id, buckets })) }
  }

  async #buckets(subjects: Subject[], spans: Spans, signal: AbortSignal | undefined) {
    const { historian, calculations } = this.#dependencies
    const seriesIds = subjects.flatMap((one) => (one.kind === 'channel' ? one.channel.row.seriesId : []))
    const ids = subjects.flatMap((one) => (one.kind === 'calculation' ? one.calculation.id : []))
    const [stored, calculated] = await Promise.all([
      seriesIds.length === 0 ? [] : historian.buckets({ ...spans, seriesIds }, signal),
      ids.length === 0 ? [] : calculations.buckets(ids, spans, signal),
    ])
    const bySeries = new Map(stored.map((one) => [one.seriesId, one]))
    const byId = new Map(ids.map((id, index) => [id, calculated[index]]))
    return subjects.map((subject) => ({
      quantity: subject.quantity,
      isCalculated: subject.kind === 'calculation',
      buckets:
        (subject.kind === 'calculation'
          ? byId.get(subject.calculation.id)
          : plain(bySeries.get(subject.channel.row.seriesId))) ?? empty,
    }))
  }

  async states(scope: TenantScope, input: ChannelInput & SpansInput, signal: AbortSignal | undefined) {
    const { historian, service } = this.#dependencies
    const channel = await service.channelOf(scope, input)
    const asked = this.#spans(input, 1, STATE_SPANS_MAX)
    const { seriesId } = channel.row
    const spans = await historian.states({ ...asked.spans, seriesId }, signal)
    const { from, to } = asked
    return { channel: this.#plain(channel), from, to, spans, damaged: this.#damage([channel], asked) }
  }

  /** How much counters rose. @throws ExpectedError `not_found`, `range_invalid`, `channel_not_numeric` */
  async increases(
    scope: TenantScope,
    input: SubjectsReference & SpansInput & { rollover?: number | undefined },
    signal: AbortSignal | undefined,
  ) {
    const { historian } = this.#dependencies
    const subjects = await this.#subjects.find(scope, input)
    const asked = this.#spans(input, subjects.length)
    const columns = []
    const channels = []
    let edges = asked.edges
    for (const subject of subjects) {
      const { quantity } = subject
      if (subject.kind === 'calculation')
        throw new ExpectedError('not_found', { what: 'channel', id: `=${quantity.name}` })
      if (quantity.kind === 'text')
        throw new ExpectedError('channel_not_numeric', { channel: quantity.channel ?? quantity.name })
      const { seriesId } = subject.channel.row
      const rollover = input.rollover ?? null
      const rises = await historian.increases({ ...asked.spans, seriesId, rollover }, signal)
      edges ??= [...rises.map(({ from }) => from), asked.to]
      columns.push({
        ...quantity,
        increase: rises.map(({ increase }) => increase),
        rollovers: rises.map(({ rollovers }) => rollovers),
      })
      channels.push(subject.channel)
    }
    const { from, to } = asked
    return { from, to, edges: edges ?? [from, to], columns, damaged: this.#damage(channels, asked) }
  }

  async neighbours(
    scope: TenantScope,
    input: { gateway: string; tenant?: string | undefined; channel?: string | undefined; at?: Instant },
    signal: AbortSignal | undefined,
  ) {
    const { historian, service, clock } = this.#dependencies
    const channel = await service.channelOf(scope, input)
    // As the end of a range, so that it is read and checked as one.
    const { to: at } = readRange({ from: 0, to: input.at ?? clock.now() }, clock.now())
    const { previous, at: exact, next } = await historian.neighbours(channel.row.seriesId, at, signal)
    return { channel: this.#plain(channel), at, previous, exact, next }
  }

  async gaps(
    scope: TenantScope,
    input: ChannelInput & { longerThan: number; limit: number },
    signal: AbortSignal | undefined,
  ) {
    const { historian, service, clock } = this.#dependencies
    const channel = await service.channelOf(scope, input)
    const range = readRange(input, clock.now())
    const { longerThan, limit } = input
    const { seriesId } = channel.row
    const gaps = await historian.gaps({ seriesId, ...range, longerThan, limit }, signal)
    return { channel: this.#plain(channel), ...range, gaps, damaged: this.#damage([channel], range) }
  }

  async corrections(scope: TenantScope, input: ChannelInput, signal: AbortSignal | undefined) {
    const { historian, service, clock } = this.#dependencies
    const channel = await service.channelOf(scope, input)
    const range = readRange(input, clock.now())
    const corrections = await historian.corrections({ seriesId: channel.row.seriesId, ...range }, signal)
    return { channel: this.#plain(channel), ...range, corrections }
  }

  /** The spans asked for; the whole range where none are. */
  #spans(input: SpansInput, columns: number, most?: number): QuerySpans {
    const { calendar, clock } = this.#dependencies
    const range = readRange(input, clock.now())
    const asked = spansOf({ ...input, ...range }, calendar(), columns, most)
    return asked ?? { spans: { edges: [range.from, range.to] }, ...range, edges: [range.from, range.to] }
  }

  #plain(channel: LiveChannel) {
    const { latest: _, ...view } = this.#dependencies.service.view(channel)
    return view
  }

  #damage(channels: LiveChannel[], range: { from: number; to: number }) {
    const { damage } = this.#dependencies
    return joinSpans(channels.flatMap(({ row }) => damage.within(row.seriesId, range)))
  }
}

const empty: Buckets = {
  ts: [],
  count: [],
  min: [],
  max: [],
  avg: [],
  timeAverage: [],
  sum: [],
  first: [],
  last: [],
  width: 0,
  damaged: [],
}

/** Without the store's number of the series, which means nothing outside. */
function plain(series: BucketSeries | undefined): Buckets | undefined {
  if (series === undefined) return undefined
  const { seriesId: _, ...buckets } = series
  return buckets
}
