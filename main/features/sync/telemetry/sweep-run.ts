import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { CloudSession } from '../cloud-session.ts'
import { keepRefused } from '../dead-letters/reading-letter.ts'
import { rest } from '../link/alarm.ts'
import {
  addSent,
  beginSweep,
  endSweep,
  moveSweep,
  noCounts,
  openSweeps,
  readTailSeq,
  type SentOfTenant,
  type SweepCounts,
  type SweepRow,
} from './progress.repository.ts'
import type { RefusedReading } from './reading-check.ts'
import { type ReadingSender, type SentBatch, SharedTenantsChanged } from './reading-sender.ts'
import { Resync } from './resync.ts'
import { retryDeadReadings } from './retry-dead-readings.ts'
import { readingsIn } from './series-readings.ts'
import { addStrangers } from './strangers.ts'
import { type SeriesRange, type SweepBatch, type SweepPosition, SweepReader } from './sweep-batch.ts'
import { canRun, plannedSeries } from './sweep-plan.ts'
import type { SyncParts } from './sync-parts.ts'
import { type OwedTenants, owedTenants, sameTenants, takenTenants } from './telemetry-session.ts'

const LOOK_EVERY = 1_000

/** A sweep that is under way, with what need not be asked for again with each batch. */
interface Course {
  sweep: SweepRow
  owed: OwedTenants
  taken: OwedTenants
  series: SeriesRange[]
  reader: SweepReader
  position: SweepPosition
  /** Of a resync: numbers of channels that only the cloud has; null: not asked for yet. */
  onlyThere: number[] | null
  /** What is read while the batch before is on its way. */
  next: Promise<SweepBatch> | null
}

interface Step extends SweepCounts {
  position: SweepPosition
  isLast: boolean
  perTenant: Map<string, SentOfTenant>
  refused: RefusedReading[]
}

/** Gaps, history and resyncs, and what a person wants tried again: beside the tail, and behind it. */
export class SweepRun {
  readonly #parts: SyncParts
  readonly #session: CloudSession
  readonly #sender: ReadingSender
  readonly #signal: AbortSignal
  readonly #resync: Resync
  #course: Course | null = null

  constructor(
    parts: SyncParts,
    link: { connection: CloudConnection; session: CloudSession; sender: ReadingSender; signal: AbortSignal },
  ) {
    this.#parts = parts
    this.#session = link.session
    this.#sender = link.sender
    this.#signal = link.signal
    this.#resync = new Resync(parts, link)
  }

  /** Until aborted. Rejects where the link fails. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        const worked = !this.#parts.tail.isBehind && (await this.#turn())
        if (!worked) await rest(LOOK_EVERY, this.#signal)
      } catch (error) {
        this.#course = null
        if (!(error instanceof SharedTenantsChanged)) throw error
      }
    }
  }

  /** One batch of what comes first. @returns false: there is nothing to do */
  async #turn(): Promise<boolean> {
    const { db } = this.#parts
    const owed = await owedTenants(db)
    const taken = takenTenants(owed, this.#session)
    if (await retryDeadReadings(this.#parts, this.#sender, taken)) return true
    const sweep = (await openSweeps(db)).find((one) => canRun(one, taken))
    if (sweep === undefined) return false
    const course = await this.#courseOf(sweep, owed, taken)
    if (course !== null) await this.#commit(course, await this.#step(course))
    return true
  }

  async #courseOf(open: SweepRow, owed: OwedTenants, taken: OwedTenants): Promise<Course | null> {
    const before = this.#course
    if (before?.sweep.id === open.id && sameTenants(before.taken, taken) && sameTenants(before.owed, owed))
      return before
    const { db, clock, channels } = this.#parts
    const sweep = await beginSweep(db, open.id, clock.now())
    if (sweep === null) return null
    await channels.load()
    const { series, strangers } = await plannedSeries(this.#parts, sweep, taken, this.#signal)
    // What comes from now on is the tail's.
    const upToSeq = sweep.upToSeq ?? (await readTailSeq(db)) ?? 0
    const { afterSeq } = sweep
    await db
      .transaction()
      .execute((trx) => addStrangers(trx, { series: strangers, afterSeq, upToSeq, now: clock.now() }))
    // What has no number has nothing over there, it seems: all of it would be sent again.
    if (sweep.kind === 'resync') await this.#sender.number(series.map(({ seriesId }) => seriesId))
    const reader = new SweepReader(this.#parts, {
      series,
      afterSeq,
      ...(upToSeq > 0 && { upToSeq }),
    })
    const position = { seriesId: sweep.seriesId, ts: sweep.ts }
    this.#course = { sweep, owed, taken, series, reader, position, onlyThere: null, next: null }
    return this.#course
  }

  #step(course: Course): Promise<Step> {
    return course.sweep.kind === 'resync' ? this.#compare(course) : this.#send(course)
  }

  /**
   * Series by series; then channels that only the cloud has, where all are compared. Their numbers are above those of all
   * series (the site's own number is their upper half), so one position says how far it is.
   */
  async #compare(course: Course): Promise<Step> {
    const { series, sweep, taken } = course
    const { seriesId, ts } = course.position
    const isNext = (id: number) => (ts === null ? id > seriesId : id >= seriesId)
    const after = (id: number) => (id === seriesId ? ts : null)
    const range = series.find((one) => isNext(one.seriesId))
    if (range !== undefined)
      return { ...(await this.#resync.step(range, after(range.seriesId), sweep.upToSeq)), isLast: false }
    const tenants = sweep.tenantId === null ? taken.keys() : [sweep.tenantId]
    course.onlyThere ??= sweep.series === null ? await this.#resync.channelsOnlyThere(tenants) : []
    const key = course.onlyThere.find(isNext)
    if (key === undefined) return { ...nothing(), position: course.position, isLast: true }
    const { fromTs: from, toTs: to } = sweep
    const there = { seriesId: key, ...(from !== null && { from }), ...(to !== null && { to }) }
    return { ...(await this.#resync.count(there, after(key))), isLast: false }
  }

  async #send(course: Course): Promise<Step> {
    const { sizes } = this.#parts
    const { reader } = course
    const batch = await (course.next ?? reader.read(course.position, sizes.sweeps.rows, this.#signal))
    course.next = batch.isLast ? null : reader.read(batch.position, sizes.sweeps.rows, this.#signal)
    // Whoever waits for it hears of its failure.
    course.next?.catch(() => undefined)
    const startedAt = performance.now()
    let sent: SentBatch
    try {
      sent = await this.#sender.send(batch.readings)
    } catch (error) {
      if (!(error instanceof SharedTenantsChanged)) sizes.sweeps.failed(error)
      throw error
    }
    sizes.sweeps.roundTrip = this.#sender.roundTrip
    const ms = performance.now() - startedAt
    const runs = batch.readings.length
    sizes.sweeps.took({ readings: readingsIn(batch.readings), runs, bytes: sent.bytes, ms })
    const { position, isLast } = batch
    return { ...nothing(), ...sent, sent: sent.readings, position, isLast }
  }

  async #commit(course: Course, step: Step): Promise<void> {
    const { db, clock, channels, log } = this.#parts
    const { sweep } = course
    const { position, isLast, perTenant, refused, ...counts } = step
    const now = clock.now()
    const dropped = await keepRefused(db, refused, (id) => channels.get(id), now)
    if (dropped > 0) log.warn({ dropped }, 'there are too many dead letters: the oldest went')
    await db.transaction().execute(async (trx) => {
      await addSent(trx, perTenant, now)
      await moveSweep(trx, sweep.id, { ...position, ...counts })
      if (isLast) await endSweep(trx, sweep.id, now)
    })
    course.position = position
    if (isLast) this.#course = null
  }
}

function nothing(): SweepCounts & Pick<Step, 'perTenant' | 'refused'> {
  return { ...noCounts(), perTenant: new Map(), refused: [] }
}
