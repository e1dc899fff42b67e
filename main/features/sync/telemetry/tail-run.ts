import { TAIL_ROWS, TAIL_WIDTH, type TailPage } from '#platform/historian/changes.ts'
import type { CloudSession } from '../cloud-session.ts'
import { keepRefused } from '../dead-letters/reading-letter.ts'
import { rest } from '../link/alarm.ts'
import { addSent, lastSentAt, readTailSeq, writeTailSeq } from './progress.repository.ts'
import { type ReadingSender, type SentBatch, SharedTenantsChanged } from './reading-sender.ts'
import { filtered, readingsIn, type SeriesReadings } from './series-readings.ts'
import { addStrangers, adoptStrangers } from './strangers.ts'
import { addGap } from './sweeps.ts'
import type { SyncParts } from './sync-parts.ts'
import { tailBySeries } from './tail-series.ts'
import { type OwedTenants, owedTenants, sameTenants, takenTenants } from './telemetry-session.ts'

/** What was sent is followed by the next after this, ms: one reading a batch of each channel costs several times as much. */
const LIVE_EVERY = 2_000
const LOOK_EVERY = 2_000
/** ms that the tail waits for the channel of a series: the registry writes it right after its first reading. */
const CHANNEL_PATIENCE = 1_000

/** A page that the cloud has, before the cursor is moved over it. */
interface SentPage {
  after: number
  to: number
  gapTo: number | null
  owed: OwedTenants
  taken: OwedTenants
  strangers: number[]
  sent: SentBatch
}

/** The live lane: what was committed after the cursor, in the order in which it came. */
export class TailRun {
  readonly #parts: SyncParts
  readonly #session: CloudSession
  readonly #sender: ReadingSender
  readonly #signal: AbortSignal
  /** Series that have no channel, since when (`performance.now()`); they are not waited for twice. */
  readonly #strangers = new Map<number, number>()

  constructor(parts: SyncParts, session: CloudSession, sender: ReadingSender, signal: AbortSignal) {
    this.#parts = parts
    this.#session = session
    this.#sender = sender
    this.#signal = signal
  }

  /** Until aborted. Rejects where the link fails. */
  async run(): Promise<void> {
    const { db, tail, committed, historian } = this.#parts
    let after = await readTailSeq(db)
    if (after === null) return
    tail.began()
    try {
      while (!this.#signal.aborted) {
        const limit = Math.min(TAIL_ROWS, this.#parts.sizes.tail.rows)
        const page = await historian.tail({ after, limit, signal: this.#signal })
        const reached = await this.#page(after, page)
        if (reached === null) continue
        after = reached
        if (reached < page.lastSeq) continue
        await adoptStrangers(this.#parts)
        tail.caughtUp(this.#parts.clock.now())
        if (page.count > 0) await rest(LIVE_EVERY, this.#signal)
        await committed.wait(LOOK_EVERY, this.#signal)
      }
    } finally {
      tail.ended()
    }
  }

  /** @returns the cursor after this page; null: the page is to be read again */
  async #page(after: number, page: TailPage): Promise<number | null> {
    const { db } = this.#parts
    // An older store took its place: what comes has sequences above the cursor (TelemetrySync.checkStore).
    if (page.lastSeq < after) return after
    const { rows, count, gapTo } = page
    // None at all: what had these sequences was erased.
    const to = count > 0 ? (rows[count * TAIL_WIDTH - 1] as number) : page.lastSeq
    if (to === after) return after
    const owed = await owedTenants(db)
    const taken = takenTenants(owed, this.#session)
    const strangers = await this.#strangersIn(page)
    if (strangers === null) return null
    const batch = this.#batch(page, taken)
    const sent = await this.#send(batch)
    if (sent === null) return null
    return (await this.#commit({ after, to, gapTo, owed, taken, strangers, sent })) ? to : null
  }

  #batch(page: TailPage, taken: OwedTenants): SeriesReadings[] {
    const { channels } = this.#parts
    const tenantOf = (seriesId: number) => channels.get(seriesId)?.tenantId
    const wanted = (seriesId: number) => {
      const tenantId = tenantOf(seriesId)
      return tenantId !== undefined && taken.has(tenantId)
    }
    return tailBySeries(page, wanted)
      .map((readings) => {
        const fromAt = taken.get(tenantOf(readings.seriesId) ?? '')?.fromAt ?? null
        return fromAt === null
          ? readings
          : filtered(readings, (row) => (readings.ts[row] as number) >= fromAt)
      })
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => a.seriesId - b.seriesId)
  }

  async #send(batch: SeriesReadings[]): Promise<SentBatch | null> {
    const { sizes } = this.#parts
    const startedAt = performance.now()
    try {
      const sent = await this.#sender.send(batch)
      sizes.tail.roundTrip = this.#sender.roundTrip
      const ms = performance.now() - startedAt
      sizes.tail.took({ readings: readingsIn(batch), runs: batch.length, bytes: sent.bytes, ms })
      return sent
    } catch (error) {
      if (error instanceof SharedTenantsChanged) return null
      sizes.tail.failed(error)
      throw error
    }
  }

  /**
   * Moves the cursor, unless meanwhile other tenants are owed their readings than this was sent for. Whoever is owed some
   * that were not in it gets a gap, in the same transaction: also a tenant that the cloud has begun to take meanwhile.
   */
  async #commit(page: SentPage): Promise<boolean> {
    const { db, clock, channels, log } = this.#parts
    const { after, to, gapTo, owed, taken, strangers, sent } = page
    const now = clock.now()
    const dropped = await keepRefused(db, sent.refused, (id) => channels.get(id), now)
    if (dropped > 0) log.warn({ dropped }, 'there are too many dead letters: the oldest went')
    return db.transaction().execute(async (trx) => {
      if (!sameTenants(owed, await owedTenants(trx))) return false
      const since = this.#parts.tail.completeAt ?? (await lastSentAt(trx)) ?? now
      for (const tenantId of owed.keys()) {
        const upToSeq = taken.has(tenantId) ? (gapTo ?? after) : to
        if (upToSeq <= after) continue
        const readings = Math.round((upToSeq - after) * channels.shareOf(tenantId))
        await addGap(trx, { tenantId, afterSeq: after, upToSeq, readings, now: Math.min(since, now) })
      }
      await addStrangers(trx, { series: strangers, afterSeq: after, upToSeq: to, now })
      await addSent(trx, sent.perTenant, now)
      await writeTailSeq(trx, to)
      return true
    })
  }

  /** Series of the page that have no channel, looked for once more. @returns null: after a moment, the page again */
  async #strangersIn({ rows, count }: TailPage): Promise<number[] | null> {
    const { channels } = this.#parts
    const unknown = new Set<number>()
    for (let at = 0; at < count * TAIL_WIDTH; at += TAIL_WIDTH)
      if (channels.get(rows[at] as number) === undefined) unknown.add(rows[at] as number)
    await channels.load([...unknown])
    const strangers = [...unknown].filter((id) => channels.get(id) === undefined)
    for (const id of strangers) if (!this.#strangers.has(id)) this.#strangers.set(id, performance.now())
    if (strangers.every((id) => this.#isPastPatience(id))) return strangers
    await rest(100, this.#signal)
    return null
  }

  #isPastPatience(seriesId: number): boolean {
    const since = this.#strangers.get(seriesId)
    return since !== undefined && performance.now() - since > CHANNEL_PATIENCE
  }
}
