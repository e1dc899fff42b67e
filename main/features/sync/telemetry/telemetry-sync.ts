import { ExpectedError } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Historian, StorageEvent } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { TelemetryBacklog, TelemetryPart } from '../cloud-parts.ts'
import type { CloudSession } from '../cloud-session.ts'
import { Alarm } from '../link/alarm.ts'
import { telemetryBacklog } from './backlog.ts'
import { BatchSize } from './batch-size.ts'
import { ByteBudget } from './byte-budget.ts'
import { ChannelDirectory } from './channel-directory.ts'
import { estimateTenant } from './estimate.ts'
import { countLost } from './lost-readings.ts'
import { cancelSweeps, readTailSeq } from './progress.repository.ts'
import { ReadingSender } from './reading-sender.ts'
import type { SeriesReadings } from './series-readings.ts'
import { SweepRun } from './sweep-run.ts'
import { addGap, addResync } from './sweeps.ts'
import type { SyncParts } from './sync-parts.ts'
import { TailRun } from './tail-run.ts'
import { TailState } from './tail-state.ts'
import { owedTenants } from './telemetry-session.ts'

export interface TelemetrySyncDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  historian: Historian
}

/** Carries readings to the cloud: each that was acknowledged, once, whatever happens to the link. */
export class TelemetrySync implements TelemetryPart {
  readonly #parts: SyncParts
  readonly #historian: Historian
  #session: CloudSession | null = null
  /** Readings that the cloud took in this session (ReadingSender). */
  readonly #proofs = new Map<string, SeriesReadings>()
  /** Months that were retired, one after the other. */
  #lost: Promise<void> = Promise.resolve()

  constructor({ db, clock, log, historian }: TelemetrySyncDependencies) {
    this.#historian = historian
    this.#parts = {
      db,
      clock,
      log,
      historian,
      channels: new ChannelDirectory(db),
      committed: new Alarm(),
      budget: new ByteBudget(() => this.#session?.limits.bytesPerSecond ?? null),
      tail: new TailState(),
      sizes: { tail: new BatchSize(), sweeps: new BatchSize() },
    }
  }

  /**
   * Whether the store has what was sent. Where it is an older one (a repair could not save its newest rows, or a copy took
   * its place), its sequences would come again for other readings, behind the cursor: what comes then goes on above the
   * cursor, and all that it has is gone through once. After the store has started, before anything comes.
   */
  async checkStore(): Promise<void> {
    const { db, clock, log, channels } = this.#parts
    const tailSeq = await readTailSeq(db)
    if (tailSeq === null) return
    const lastSeq = await this.#historian.skipTo(tailSeq)
    if (lastSeq >= tailSeq) return
    log.warn({ lastSeq, tailSeq }, 'the store lacks readings that were sent: everything in it is sent again')
    await channels.load()
    await db.transaction().execute(async (trx) => {
      const now = clock.now()
      for (const tenantId of (await owedTenants(trx)).keys()) {
        const readings = Math.round(lastSeq * channels.shareOf(tenantId))
        await addGap(trx, { tenantId, afterSeq: 0, upToSeq: lastSeq, readings, now })
      }
    })
  }

  /** Listens to the store; once, whether the site has joined or not. */
  async start(): Promise<void> {
    await this.checkStore()
    await this.#parts.channels.load()
    this.#historian.onCommitted(() => this.#parts.committed.ring())
    this.#historian.onStorageEvent((event) => this.#noteRetired(event))
  }

  /** Whether retention tells what it takes: while the site is joined. */
  joined(isJoined: boolean): void {
    this.#historian.tellRetired(isJoined)
  }

  /** Resolves when what retention took so far is counted. */
  async settled(): Promise<void> {
    await this.#lost
  }

  async runTail(connection: CloudConnection, session: CloudSession, signal: AbortSignal): Promise<void> {
    const sender = await this.#begin(connection, session, signal)
    await untilAborted(signal, () => new TailRun(this.#parts, session, sender, signal).run())
  }

  async runSweeps(connection: CloudConnection, session: CloudSession, signal: AbortSignal): Promise<void> {
    const sender = await this.#begin(connection, session, signal)
    const link = { connection, session, sender, signal }
    await untilAborted(signal, () => new SweepRun(this.#parts, link).run())
  }

  async backlog(): Promise<TelemetryBacklog> {
    return telemetryBacklog(this.#parts)
  }

  estimate(tenantId: string, fromAt: number | null): Promise<{ readings: number; bytes: number }> {
    return estimateTenant(this.#parts, tenantId, fromAt)
  }

  /** @returns the id of the sweep */
  addResync(trx: SiteTrx, resync: Omit<Parameters<typeof addResync>[1], 'now'>): Promise<string> {
    return addResync(trx, { ...resync, now: this.#parts.clock.now() })
  }

  /** What was sent stays. @throws ExpectedError `not_found` */
  async cancelSweep(trx: SiteTrx, id: string): Promise<void> {
    if (!(await cancelSweeps(trx, { id }))) throw new ExpectedError('not_found')
  }

  async #begin(
    connection: CloudConnection,
    session: CloudSession,
    signal: AbortSignal,
  ): Promise<ReadingSender> {
    const { channels, budget } = this.#parts
    // Versions are of a session: one of an earlier session might come out above a correction.
    if (this.#session !== session) this.#proofs.clear()
    this.#session = session
    await channels.load()
    const gone = new AbortController()
    void connection.ended.then((failure) => gone.abort(failure ?? new Error('the connection was closed')))
    const sender = new ReadingSender({
      connection,
      gone: gone.signal,
      session,
      channels,
      budget,
      proofs: this.#proofs,
      signal,
    })
    await sender.measure()
    return sender
  }

  #noteRetired(event: StorageEvent): void {
    if (event.type !== 'monthRetired' || event.series.length === 0) return
    const { month, series } = event
    const { db, channels, log } = this.#parts
    const count = async () => {
      await channels.load(series.map(({ seriesId }) => seriesId))
      const lost = await countLost(db, channels, { month, series })
      if (lost > 0) log.warn({ month, lost }, 'readings were deleted before they were sent to the cloud')
    }
    this.#lost = this.#lost
      .then(count)
      .catch((err: unknown) =>
        log.error({ err, month }, 'what was not sent of a deleted month was not counted'),
      )
  }
}

/** Being told to stop is no failure. */
async function untilAborted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
