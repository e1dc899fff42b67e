import { ExpectedError } from '#contract/errors.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import { Breath } from '../breath.ts'
import type { CloudSession } from '../cloud-session.ts'
import { DAY, type DayDigest, DayDigests } from './day-digest.ts'
import { type AskCloud, countOnlyThere } from './only-there.ts'
import { noCounts, type SentOfTenant, type SweepCounts } from './progress.repository.ts'
import { EARLIEST, type RefusedReading, sendable } from './reading-check.ts'
import type { ReadingSender } from './reading-sender.ts'
import { partOf, type SeriesReadings } from './series-readings.ts'
import type { SeriesRange, SweepPosition } from './sweep-batch.ts'
import type { SyncParts } from './sync-parts.ts'

/** Days of one channel that are compared at once: what the cloud hashes in some seconds. */
const DAYS = 7
const ROWS = 8_192

interface Span {
  from: number
  to: number
}

interface SinceQuery extends SeriesRange {
  after?: number
  upToSeq?: number
}

export interface Compared extends SweepCounts {
  position: SweepPosition
  perTenant: Map<string, SentOfTenant>
  refused: RefusedReading[]
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

  /**
   * The next days from `ts` on (null: from the beginning of the range) on which there are readings here; and what the cloud
   * has before them. After the end of the range, what is dated later and has sequences up to `aheadUpTo` (null: nothing).
   */
  async step(range: SeriesRange, ts: number | null, aheadUpTo: number | null): Promise<Compared> {
    const { seriesId, to: end } = range
    const { channels, clock } = this.#parts
    const isAhead = aheadUpTo !== null && end !== undefined
    if (isAhead && ts !== null && ts >= end)
      return this.#sendAhead({ seriesId, from: end, after: ts, upToSeq: aheadUpTo })
    const first = await this.#since({ ...range, ...(ts !== null && { after: ts }) })
    const begins = first.readings.count === 0 ? null : dayOf(first.readings.ts[0] as number) * DAY
    const result = nothing({ seriesId, ts: first.next })
    const from = ts ?? range.from ?? Number.NEGATIVE_INFINITY
    const key = channels.get(seriesId)?.key ?? null
    const to = begins ?? first.next ?? range.to ?? clock.now()
    if (key !== null && !(await this.#countOnlyThere({ key, seriesId, from, to }, result))) return result
    if (begins === null) {
      if (isAhead) result.position.ts ??= end
      return result
    }
    const spanOf = (days: number) => {
      const until = begins + days * DAY
      return { from: Math.max(from, begins), to: Math.min(until, range.to ?? until) }
    }
    const { span, theirs } = await this.#fitting(seriesId, spanOf)
    result.position = { seriesId, ts: span.to }
    if (theirs === null) return result
    const ours = await this.#ours(seriesId, span, first)
    result.compared = ours.length
    for (const day of ours)
      if (!isSame(day, theirs.get(day.day))) await this.#mend(seriesId, span, day, result)
    const here = new Set(ours.map(({ day }) => day))
    for (const { day, readings } of theirs.values()) if (!here.has(day)) addOnlyThere(result, readings, 1)
    return result
  }

  /**
   * What is dated ahead of this machine's clock is sent, not compared: such days are not over, and what comes of them meanwhile is
   * the tail's.
   */
  async #sendAhead(query: SinceQuery & { seriesId: number }): Promise<Compared> {
    const { readings, next } = await this.#since(query)
    const result = nothing({ seriesId: query.seriesId, ts: next })
    const mended = new Set<number>()
    const days = new Set<number>()
    for (let at = 0; at < readings.count; ) {
      const day = dayOf(readings.ts[at] as number)
      let end = at
      while (end < readings.count && dayOf(readings.ts[end] as number) === day) end++
      if ((await this.#send(partOf(readings, at, end), result)).written > 0) mended.add(day)
      days.add(day)
      at = end
    }
    result.compared = days.size
    result.mended = mended.size
    return result
  }

  /** Channels of these tenants that the cloud has of this site, and the site has not: their numbers, rising. */
  async channelsOnlyThere(tenantIds: Iterable<string>): Promise<number[]> {
    const { siteId, tenants } = this.#session
    const theirs = await this.#ask<{ id: string; key: string }>(
      `SELECT id, key FROM millwright.channels
       WHERE site_id = $1 AND tenant_id = ANY ($2::uuid[]) AND deleted_at IS NULL ORDER BY key`,
      [siteId, Array.from(tenantIds, (id) => tenants.get(id)?.cloudTenantId)],
    )
    const { channels } = this.#parts
    const here = new Set(
      channels.seriesOf({ has: () => true }).map((seriesId) => channels.get(seriesId)?.channelId),
    )
    return theirs.filter(({ id }) => !here.has(id)).map(({ key }) => Number(key))
  }

  /** What the cloud has of such a channel, from `ts` on (null: from the beginning of the range). */
  async count({ seriesId: key, from, to }: SeriesRange, ts: number | null): Promise<Compared> {
    const result = nothing({ seriesId: key, ts: null })
    // Of whose class nothing is known any more.
    const seriesId = Number.MAX_SAFE_INTEGER
    const span = { from: ts ?? from ?? Number.NEGATIVE_INFINITY, to: to ?? this.#parts.clock.now() }
    await this.#countOnlyThere({ key, seriesId, ...span }, result)
    return result
  }

  /** @returns false: not to the end of the span yet; the position says up to where */
  async #countOnlyThere(
    { key, seriesId, from, to }: { key: number; seriesId: number } & Span,
    result: Compared,
  ): Promise<boolean> {
    const { historian, clock } = this.#parts
    // Head office may keep for longer: what retention takes here is no difference. And Postgres has nothing earlier.
    const kept = historian.keptFrom(seriesId, clock.now()) ?? EARLIEST
    const first = Math.max(from, kept, EARLIEST)
    if (first >= to) return true
    const ask: AskCloud = (question, values) => this.#ask(question, values)
    const there = await countOnlyThere(ask, { key, from: first, to })
    addOnlyThere(result, there.readings, there.days)
    if (there.to >= to) return true
    result.position.ts = there.to
    return false
  }

  /** As many days as the cloud can hash before it gives up. `theirs` is null where it cannot do a single one. */
  async #fitting(
    seriesId: number,
    spanOf: (days: number) => Span,
  ): Promise<{ span: Span; theirs: Map<number, DayDigest> | null }> {
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

  async #mend(seriesId: number, span: Span, day: DayDigest, result: Compared): Promise<void> {
    const part = { from: Math.max(span.from, day.day * DAY), to: Math.min(span.to, (day.day + 1) * DAY) }
    let written = 0
    let newer = 0
    for (let after: number | null = null; ; ) {
      const page = await this.#since({ seriesId, ...part, ...(after !== null && { after }) })
      const sent = await this.#send(page.readings, result)
      written += sent.written
      newer += sent.newer
      after = page.next
      if (after === null) break
    }
    if (written > 0) result.mended += 1
    const theirs = (await this.#theirs(seriesId, part)).get(day.day)
    const onlyThere = Math.max(0, (theirs?.readings ?? 0) - day.readings)
    if (onlyThere > 0) addOnlyThere(result, onlyThere, 1)
    // What the tail brought meanwhile is newer there too, and is here by now.
    const isNewer = newer > 0 && !isSame((await this.#ours(seriesId, part))[0], theirs)
    if (isNewer) result.newerThere += newer
    else if (onlyThere === 0 && !isSame(day, theirs))
      this.#parts.log.warn(
        { seriesId, day: day.day },
        'a day still differs from the cloud: it changed meanwhile',
      )
  }

  /** @returns how many were written there, and how many differ and stay */
  async #send(readings: SeriesReadings, result: Compared): Promise<{ written: number; newer: number }> {
    let written = 0
    let newer = 0
    for (let at = 0; at < readings.count; ) {
      const rows = this.#parts.sizes.sweeps.rows
      const some = partOf(readings, at, Math.min(readings.count, at + rows))
      const sent = await this.#sender.send([some], true)
      written += sent.written
      newer += sent.newer
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
    return { written, newer }
  }

  async #ours(
    seriesId: number,
    span: Span,
    first?: { readings: SeriesReadings; next: number | null },
  ): Promise<DayDigest[]> {
    const digests = new DayDigests()
    const breath = new Breath()
    for (let page = first ?? (await this.#since({ seriesId, ...span })); ; ) {
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

  async #theirs(seriesId: number, { from, to }: Span): Promise<Map<number, DayDigest>> {
    const key = this.#parts.channels.get(seriesId)?.key ?? null
    // Earlier than Postgres can say, there is nothing.
    const first = Math.max(from, EARLIEST)
    if (key === null || first >= to) return new Map()
    const rows = await this.#ask<{ day: number; readings: number; digest: Buffer }>(
      'SELECT day, readings, digest FROM millwright.day_digests($1, $2, $3)',
      [[key], first, to],
    )
    return new Map(rows.map((row) => [row.day, { ...row, digest: row.digest.toString('hex') }]))
  }

  async #ask<T>(question: string, values: unknown[]): Promise<T[]> {
    const { db, client } = this.#connection
    try {
      const { rows } = await db.connection().execute(() => client.query(question, values))
      return rows as T[]
    } catch (error) {
      this.#signal.throwIfAborted()
      throw this.#connection.failureOf(error, 'comparing readings')
    }
  }

  async #since(query: SinceQuery): Promise<{ readings: SeriesReadings; next: number | null }> {
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

function dayOf(ts: number): number {
  return Math.floor(ts / DAY)
}

function isSame(ours: DayDigest | undefined, theirs: DayDigest | undefined): boolean {
  return theirs?.readings === ours?.readings && theirs?.digest === ours?.digest
}

function addOnlyThere(result: Compared, readings: number, days: number): void {
  result.onlyThere += readings
  result.onlyThereDays += days
}

function nothing(position: SweepPosition): Compared {
  return { ...noCounts(), position, perTenant: new Map(), refused: [] }
}
