import type { Kysely } from 'kysely'
import type { CloudTables } from '#cloud/tables.ts'
import { ExpectedError } from '#contract/errors.ts'
import { kindOf } from '#contract/model/reading-batch.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import { causeOf } from '#platform/postgres/cloud-failure.ts'
import type { CloudSession } from '../cloud-session.ts'
import type { ByteBudget } from './byte-budget.ts'
import type { ChannelDirectory } from './channel-directory.ts'
import { copyReadings, openIncoming, takeReadings } from './copy-readings.ts'
import type { SentOfTenant } from './progress.repository.ts'
import { type Refusal, type RefusedReading, sendable } from './reading-check.ts'
import { partOf, readingsIn, type SeriesReadings, singled } from './series-readings.ts'

export interface SenderParts {
  connection: CloudConnection
  /** Aborted when the connection has ended. */
  gone: AbortSignal
  session: CloudSession
  channels: ChannelDirectory
  budget: ByteBudget
  /** Of each tenant, a reading that the cloud took: by whichever connection. */
  proofs: Map<string, SeriesReadings>
  signal: AbortSignal
}

export interface SentBatch {
  /** Readings that the cloud has now. */
  readings: number
  bytes: number
  /** Of them, those that were new there or changed something. */
  written: number
  /** Of them, those that differ over there and stay, with `mend`: what the cloud has is newer. */
  newer: number
  perTenant: Map<string, SentOfTenant>
  refused: RefusedReading[]
}

/** Deadlocks of a batch before it counts as a failure. */
const MOST_CROSSED = 8
const PROBES = 3
/** The way there and back is measured anew after this, ms, and is the least of the last few. */
const MEASURE_EVERY = 60_000
const ANSWERS = 5

/** A tenant is not shared with this site any more: it has left the session, and the batch is to be made again without it. */
export class SharedTenantsChanged extends Error {
  constructor() {
    super('a tenant is not shared any more')
    this.name = 'SharedTenantsChanged'
  }
}

/**
 * Sends batches over one connection. What the cloud refuses is narrowed down to the readings that it refuses; all
 * others are there when it resolves. Rejects where the link fails, or the cloud cannot take anything now.
 */
export class ReadingSender {
  readonly #parts: SenderParts
  /** The session's table is there. */
  #isOpen = false
  #mayGiveUp = true
  /** Deadlocks of this batch. */
  #crossed = 0
  /** The connection while this has its turn: whoever asks for another one then waits for ever. */
  #held: Kysely<CloudTables> | null = null
  readonly #answers: number[] = []
  #measuredAt = 0

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  /** The least time that an answer took lately, ms. */
  get roundTrip(): number {
    return Math.min(...this.#answers)
  }

  /** How long an answer takes: before the first batch. */
  async measure(times = 3): Promise<void> {
    const { connection } = this.#parts
    this.#measuredAt = performance.now()
    await this.#inTurn(async () => {
      for (let time = 0; time < times; time++) {
        const startedAt = performance.now()
        await connection.client.query('SELECT 1')
        this.#answers.push(performance.now() - startedAt)
      }
    })
    this.#answers.splice(0, this.#answers.length - ANSWERS)
  }

  /** Has the cloud number these channels. */
  async number(seriesIds: readonly number[]): Promise<void> {
    await this.#inTurn(() => this.#number(seriesIds))
  }

  /**
   * `mend`: replaces what somebody changed over there too (take_readings). `mayGiveUp`: rejects where the cloud refuses
   * whatever comes, instead of setting it aside.
   */
  async send(batch: readonly SeriesReadings[], mend = false, mayGiveUp = true): Promise<SentBatch> {
    this.#mayGiveUp = mayGiveUp
    this.#crossed = 0
    if (performance.now() - this.#measuredAt > MEASURE_EVERY) await this.measure(1)
    const sent = nothingSent()
    const wanted = batch.map((readings) => sendable(readings, sent.refused)).filter(({ count }) => count > 0)
    if (wanted.length > 0) await this.#inTurn(() => this.#numbered(wanted, mend, sent))
    return sent
  }

  /** Nothing else of this connection comes in between. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const { connection, signal } = this.#parts
    try {
      await connection.db.connection().execute(async (held) => {
        this.#held = held
        await work()
      })
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof SharedTenantsChanged) throw error
      throw connection.failureOf(error, 'sending readings')
    }
  }

  async #numbered(batch: readonly SeriesReadings[], mend: boolean, sent: SentBatch): Promise<void> {
    const known = await this.#known(batch, sent)
    if (known.length > 0) await this.#try(known, mend, sent, true)
  }

  /**
   * Those whose channels have a number over there; the others are refused.
   * @throws SharedTenantsChanged
   */
  async #known(batch: readonly SeriesReadings[], sent: SentBatch): Promise<SeriesReadings[]> {
    const { session, channels } = this.#parts
    await this.#number(batch.map(({ seriesId }) => seriesId))
    const isKnown = ({ seriesId }: SeriesReadings) => typeof channels.get(seriesId)?.key === 'number'
    for (const readings of batch) {
      if (isKnown(readings)) continue
      const tenantId = channels.get(readings.seriesId)?.tenantId
      // It left the session while the batch was made.
      if (tenantId !== undefined && !session.tenants.has(tenantId)) throw new SharedTenantsChanged()
      refuse(readings, { code: 'cloud_channel_gone', data: {} }, sent.refused)
    }
    return batch.filter(isKnown)
  }

  async #number(seriesIds: readonly number[]): Promise<void> {
    const { session, channels } = this.#parts
    try {
      await channels.number(this.#cloud, session, seriesIds)
    } catch (error) {
      if ((error as { code?: unknown }).code === '42501') await this.#lookAtTenants()
      throw error
    }
  }

  async #try(
    batch: readonly SeriesReadings[],
    mend: boolean,
    sent: SentBatch,
    mayNumber: boolean,
  ): Promise<void> {
    try {
      await this.#take(batch, mend, sent)
    } catch (error) {
      // Another connection of this site took the same readings in another order: once more, it is through by now.
      if (isCrossed(error) && this.#crossed++ < MOST_CROSSED) return this.#try(batch, mend, sent, mayNumber)
      if (!isRefusal(error)) throw error
      const foreign = this.#foreignOf(error, batch)
      if (foreign.length > 0 && mayNumber) {
        await this.#lookAtTenants()
        // Else deleted over there: numbered once more.
        await this.#parts.channels.forget(foreign)
        const known = await this.#known(batch, sent)
        if (known.length > 0) await this.#try(known, mend, sent, false)
        return
      }
      // The first time only: what is halved again was not hopeless.
      if (mayNumber && this.#mayGiveUp && (await this.#isHopeless(batch, mend))) throw error
      await this.#narrow(batch, mend, sent, error)
    }
  }

  get #cloud(): Kysely<CloudTables> {
    if (this.#held === null) throw new Error('it is not our turn')
    return this.#held
  }

  /** @throws SharedTenantsChanged */
  async #lookAtTenants(): Promise<void> {
    const { session } = this.#parts
    const rows = await this.#cloud
      .withSchema('millwright')
      .selectFrom('site_tenants')
      .select('tenant_id')
      .where('site_id', '=', session.siteId)
      .execute()
    const shared = new Set(rows.map(({ tenant_id }) => tenant_id))
    const gone = [...session.tenants].filter(([, { cloudTenantId }]) => !shared.has(cloudTenantId))
    for (const [tenantId] of gone) session.tenants.delete(tenantId)
    if (gone.length > 0) throw new SharedTenantsChanged()
  }

  /**
   * Three single readings that lie far apart, and none is taken, nor one that was taken before: then it is not for these
   * readings. Somebody over there has to mend it, and setting aside whatever comes would help nobody. By chance, so that a
   * batch which is only unlucky is through the next time.
   */
  async #isHopeless(batch: readonly SeriesReadings[], mend: boolean): Promise<boolean> {
    const { channels, proofs } = this.#parts
    const isEnough = readingsIn(batch) >= PROBES
    if (isEnough)
      for (const probe of spread(batch, PROBES))
        if ((await this.#refusalOf(probe, mend)) === null) return false
    const its = channels.get(batch[0]?.seriesId ?? 0)?.tenantId ?? ''
    const [tenantId, proof] = proofs.has(its) ? [its, proofs.get(its)] : (proofs.entries().next().value ?? [])
    if (tenantId === undefined || proof === undefined) return isEnough
    const refusal = await this.#refusalOf(proof, mend)
    if (refusal === null) return false
    if (this.#foreignOf(refusal, [proof]).length === 0) return true
    // Its channel is not there any more: that says nothing.
    proofs.delete(tenantId)
    return isEnough
  }

  async #refusalOf(probe: SeriesReadings, mend: boolean): Promise<unknown> {
    try {
      await this.#take([probe], mend, nothingSent())
      return null
    } catch (error) {
      if (!isRefusal(error)) throw error
      return error
    }
  }

  /** Half of it, and half of that, until those are alone that the cloud does not take. */
  async #narrow(
    batch: readonly SeriesReadings[],
    mend: boolean,
    sent: SentBatch,
    error: unknown,
  ): Promise<void> {
    const refusal: Refusal = { code: 'cloud_refused', data: { cause: causeOf(error) } }
    const [first] = batch
    if (first === undefined) return
    if (batch.length > 1) {
      const middle = batch.length >> 1
      await this.#try(batch.slice(0, middle), mend, sent, false)
      await this.#try(batch.slice(middle), mend, sent, false)
    } else if (first.count > 1) {
      const middle = first.count >> 1
      await this.#try([partOf(first, 0, middle)], mend, sent, false)
      await this.#try([partOf(first, middle, first.count)], mend, sent, false)
    } else refuse(first, refusal, sent.refused)
  }

  async #take(batch: readonly SeriesReadings[], mend: boolean, sent: SentBatch): Promise<void> {
    const { connection, gone, session, channels, budget, signal } = this.#parts
    if (!this.#isOpen) await openIncoming(connection)
    this.#isOpen = true
    const channelOf = (seriesId: number) => channels.get(seriesId)?.key ?? 0
    const { generation } = session
    let bytes: number
    try {
      bytes = await copyReadings(batch, { connection, gone, generation, channelOf, budget, signal })
      const { written, newer } = await takeReadings(connection, mend)
      sent.written += written
      sent.newer += newer
    } catch (error) {
      // The next statement is of another transaction.
      if (isFromServer(error)) await connection.client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
    this.#count(batch, bytes, sent)
    const some = batch[Math.floor(Math.random() * batch.length)] as SeriesReadings
    this.#parts.proofs.set(channels.get(some.seriesId)?.tenantId ?? '', singled(some, some.count - 1))
  }

  #count(batch: readonly SeriesReadings[], bytes: number, sent: SentBatch): void {
    const all = readingsIn(batch)
    sent.readings += all
    sent.bytes += bytes
    for (const { seriesId, count } of batch) {
      const tenantId = this.#parts.channels.get(seriesId)?.tenantId ?? ''
      const before = sent.perTenant.get(tenantId) ?? { readings: 0, bytes: 0 }
      sent.perTenant.set(tenantId, {
        readings: before.readings + count,
        bytes: before.bytes + Math.round((bytes * count) / all),
      })
    }
  }

  /** Series of the batch whose channels are not this site's: the function lists their numbers. */
  #foreignOf(error: unknown, batch: readonly SeriesReadings[]): number[] {
    const { code, detail } = error as { code?: unknown; detail?: unknown }
    if (code !== 'P0001' || typeof detail !== 'string' || !/^\[[\d,]*\]$/.test(detail)) return []
    const keys = new Set(JSON.parse(detail) as number[])
    return batch
      .map(({ seriesId }) => seriesId)
      .filter((id) => keys.has(this.#parts.channels.get(id)?.key ?? 0))
  }
}

/** So many single readings, by chance, one of each part of the batch. */
function spread(batch: readonly SeriesReadings[], probes: number): SeriesReadings[] {
  const part = readingsIn(batch) / probes
  const rows = Array.from({ length: probes }, (_, probe) => Math.floor((probe + Math.random()) * part))
  let before = 0
  return batch.flatMap((readings) => {
    const its = rows
      .filter((row) => row >= before && row < before + readings.count)
      .map((row) => row - before)
    before += readings.count
    return its.map((row) => partOf(readings, row, row + 1))
  })
}

function nothingSent(): SentBatch {
  return { readings: 0, bytes: 0, written: 0, newer: 0, perTenant: new Map(), refused: [] }
}

/** Of the data (classes 22 and 23 of SQLSTATE), or raised by our function: it would be refused again. */
function isRefusal(error: unknown): boolean {
  return isFromServer(error) && /^(22|23|P0001)/.test(error.code)
}

/** 40P01: deadlock; 40001: serialization failure. */
function isCrossed(error: unknown): boolean {
  return isFromServer(error) && /^(40P01|40001)$/.test(error.code)
}

function isFromServer(error: unknown): error is Error & { code: string } {
  if (error instanceof ExpectedError || !(error instanceof Error)) return false
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  return typeof severity === 'string' && typeof code === 'string'
}

function refuse(readings: SeriesReadings, refusal: Refusal, refused: RefusedReading[]): void {
  for (let row = 0; row < readings.count; row++) {
    const flags = readings.flags[row] as number
    const number = readings.values[row] as number
    refused.push({
      seriesId: readings.seriesId,
      ts: readings.ts[row] as number,
      seq: readings.seqs[row] as number,
      flags,
      value: kindOf(flags) === 'text' ? (readings.texts[number] ?? '') : number,
      refusal,
    })
  }
}
