import { ExpectedError } from '#contract/errors.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { CloudSession } from '../cloud-session.ts'
import { Breath } from './breath.ts'
import { DAY, type DayDigest, DayDigests } from './day-digest.ts'
import type { SentOfTenant } from './progress.repository.ts'
import { EARLIEST, type RefusedReading, sendable } from './reading-check.ts'
import type { ReadingSender } from './reading-sender.ts'
import { GENERATION_SHIFT } from './run-lines.ts'
import { partOf, type SeriesReadings } from './series-readings.ts'
import type { SeriesRange, SweepPosition } from './sweep-batch.ts'
import type { SyncParts } from './sync-parts.ts'

/** Days of one channel that are compared at once: what the cloud hashes in some seconds. */
const DAYS = 7
const ROWS = 8_192

interface TheirDay extends DayDigest {
  /** The highest version of its readings. */
  newest: bigint
}

interface Span {
  from: number
  to: number
}

export interface Compared {
  position: SweepPosition
  sent: number
  perTenant: Map<string, SentOfTenant>
  refused: RefusedReading[]
  compared: number
  mended: number
  onlyThere: number
}

/** Compares some days of one channel with the cloud, and sends the days again that differ. */
export class Resync {
  readonly #parts: SyncParts
  readonly #connection: CloudConnection
  readonly #session: CloudSession
  readonly #sender: ReadingSender
  readonly #signal: AbortSignal
  #days = DAYS

  constructor(
    parts: SyncParts,
    link: { connection: CloudConnection; session: CloudSession; sender: ReadingSender; signal: AbortSignal },
  ) {
    this.#parts = parts
    this.#connection = link.connection
    this.#session = link.session
    this.#sender = link.sender
    this.#signal = link.signal
  }

  /** The next days from `ts` on (null: from the beginning of the range) on which there are readings here. */
  async step(range: SeriesRange, ts: number | null): Promise<Compared> {
    const { seriesId } = range
    const none = { sent: 0, perTenant: new Map(), refused: [], compared: 0, mended: 0, onlyThere: 0 }
    const first = await this.#since({ ...range, ...(ts !== null && { after: ts }) })
    if (first.readings.count === 0) return { ...none, position: { seriesId, ts: first.next } }
    const from = ts ?? range.from ?? Number.NEGATIVE_INFINITY
    const begins = first.readings.ts[0] as number
    const spanOf = (days: number) => {
      const until = (Math.floor(begins / DAY) + days) * DAY
      return { from: Math.max(from, Math.floor(begins / DAY) * DAY), to: Math.min(until, range.to ?? until) }
    }
    const { span, theirs } = await this.#fitting(seriesId, spanOf)
    if (theirs === null) return { ...none, position: { seriesId, ts: span.to } }
    const mendUntil = await this.#versionNow(theirs)
    const ours = await this.#ours(seriesId, span, first)
    const result: Compared = { ...none, compared: ours.length, position: { seriesId, ts: span.to } }
    for (const day of ours)
      if (!isSame(day, theirs.get(day.day))) await this.#mend(seriesId, span, day, mendUntil, result)
    const here = new Set(ours.map(({ day }) => day))
    for (const { day, readings } of theirs.values()) if (!here.has(day)) result.onlyThere += readings
    return result
  }

  /** As many days as the cloud can hash before it gives up. `theirs` is null where it cannot do a single one. */
  async #fitting(
    seriesId: number,
    spanOf: (days: number) => Span,
  ): Promise<{ span: Span; theirs: Map<number, TheirDay> | null }> {
    for (;;) {
      const span = spanOf(this.#days)
      try {
        return { span, theirs: await this.#theirs(seriesId, span) }
      } catch (error) {
        if (!(error instanceof ExpectedError) || error.code !== 'cloud_busy') throw error
        if (this.#days === 1) {
          this.#parts.log.warn(
            { seriesId, ...span, err: error },
            'the cloud could not compare a day: it was left out',
          )
          return { span, theirs: null }
        }
        this.#days >>= 1
      }
    }
  }

  async #mend(
    seriesId: number,
    span: { from: number; to: number },
    day: DayDigest,
    mendUntil: bigint,
    result: Compared,
  ): Promise<void> {
    const part = { from: Math.max(span.from, day.day * DAY), to: Math.min(span.to, (day.day + 1) * DAY) }
    let written = 0
    for (let after: number | null = null; ; ) {
      const page = await this.#since({ seriesId, ...part, ...(after !== null && { after }) })
      for (let at = 0; at < page.readings.count; ) {
        const rows = this.#parts.sizes.sweeps.rows
        const some = partOf(page.readings, at, Math.min(page.readings.count, at + rows))
        const sent = await this.#sender.send([some], mendUntil)
        written += sent.written
        result.sent += sent.readings
        result.refused.push(...sent.refused)
        for (const [tenantId, of] of sent.perTenant) {
          const before = result.perTenant.get(tenantId) ?? { readings: 0, bytes: 0 }
          result.perTenant.set(tenantId, {
            readings: before.readings + of.readings,
            bytes: before.bytes + of.bytes,
          })
        }
        at += some.count
      }
      after = page.next
      if (after === null) break
    }
    if (written > 0) result.mended += 1
    const theirs = (await this.#theirs(seriesId, part)).get(day.day)
    const onlyThere = Math.max(0, (theirs?.readings ?? 0) - day.readings)
    result.onlyThere += onlyThere
    if (onlyThere === 0 && !isSame(day, theirs))
      this.#parts.log.warn(
        { seriesId, day: day.day },
        'a day still differs from the cloud: it changed meanwhile',
      )
  }

  /**
   * The newest version that there is on either side. What is read here from now on is not older than it; what is newer
   * over there then came meanwhile, and stays.
   */
  async #versionNow(theirs: ReadonlyMap<number, TheirDay>): Promise<bigint> {
    const { lastSeq } = await this.#parts.historian.stats()
    const ours = (BigInt(this.#session.generation) << GENERATION_SHIFT) + BigInt(lastSeq)
    return [...theirs.values()].reduce((most, { newest }) => (newest > most ? newest : most), ours)
  }

  async #ours(
    seriesId: number,
    span: { from: number; to: number },
    first: { readings: SeriesReadings; next: number | null },
  ): Promise<DayDigest[]> {
    const digests = new DayDigests()
    const breath = new Breath()
    for (let page = first; ; ) {
      // What cannot be sent is not there, and rightly so.
      const readings = sendable(page.readings, [])
      let end = readings.count
      while (end > 0 && (readings.ts[end - 1] as number) >= span.to) end--
      for (let at = 0; at < end; at += ROWS) {
        digests.add(partOf(readings, at, Math.min(end, at + ROWS)))
        await breath.take()
      }
      if (page.next === null || end < readings.count || page.next >= span.to) return digests.end()
      page = await this.#since({ seriesId, ...span, after: page.next })
    }
  }

  async #theirs(
    seriesId: number,
    { from, to }: { from: number; to: number },
  ): Promise<Map<number, TheirDay>> {
    const key = this.#parts.channels.get(seriesId)?.key ?? null
    // Earlier than Postgres can say, there is nothing.
    const first = Math.max(from, EARLIEST)
    if (key === null || first >= to) return new Map()
    try {
      const { rows } = await this.#connection.db
        .connection()
        .execute(() =>
          this.#connection.client.query<{ day: number; readings: number; digest: Buffer; newest: string }>(
            'SELECT day, readings, digest, newest FROM millwright.day_digests($1, $2, $3)',
            [[key], first, to],
          ),
        )
      return new Map(
        rows.map((row) => [
          row.day,
          { ...row, digest: row.digest.toString('hex'), newest: BigInt(row.newest) },
        ]),
      )
    } catch (error) {
      this.#signal.throwIfAborted()
      throw this.#connection.failureOf(error, 'comparing readings')
    }
  }

  async #since(
    query: SeriesRange & { after?: number },
  ): Promise<{ readings: SeriesReadings; next: number | null }> {
    const page = await this.#parts.historian.since({ ...query, afterSeq: 0 }, this.#signal)
    const { columns, seqs, next } = page
    for (const span of page.damaged)
      this.#parts.log.error(
        { seriesId: query.seriesId, ...span },
        'damaged readings are not compared with the cloud',
      )
    const { count, ts, values, flags, texts } = columns
    return { readings: { seriesId: query.seriesId, count, ts, values, flags, seqs, texts }, next }
  }
}

function isSame(ours: DayDigest, theirs: DayDigest | undefined): boolean {
  return theirs !== undefined && theirs.readings === ours.readings && theirs.digest === ours.digest
}
