import { basename } from 'node:path'
import { assertNever } from '#contract/errors.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { StorageEvent } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import { type NewStorageEvent, recordStorageEvent } from './storage-events.repository.ts'

export interface RecorderDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
}

/** Writes down what the store did by itself: in the log, for the Overview, and in the audit where readings went. */
export class StorageRecorder {
  readonly #dependencies: RecorderDependencies
  /** One after the other, so that what counts on is found. */
  #last: Promise<void> = Promise.resolve()

  constructor(dependencies: RecorderDependencies) {
    this.#dependencies = dependencies
  }

  record(event: StorageEvent): void {
    const { log } = this.#dependencies
    logged(event, log)
    this.#last = this.#last
      .then(() => this.#store(event))
      .catch((err: unknown) => log.error({ err, event: event.type }, 'an event of the store was not kept'))
  }

  /** Resolves when everything so far is written down. */
  async settled(): Promise<void> {
    await this.#last
  }

  async #store(event: StorageEvent): Promise<void> {
    const { db, clock, audit } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      await recordStorageEvent(trx, { at: clock.now(), ...describe(event) })
      if (event.type !== 'monthRetired') return
      const { month, retentionClass, bytes, readings, cause } = event
      const draft = new AuditDraft({
        actor: { kind: 'system', id: null, name: 'system' },
        action: 'storage.month_deleted',
        address: 'local',
        requestId: null,
      })
      draft.about('month', `${month}.${retentionClass}`, null, { bytes, readings, cause })
      await audit.recordIn(trx, draft)
    })
  }
}

function describe(event: StorageEvent): Omit<NewStorageEvent, 'at'> {
  switch (event.type) {
    case 'monthRetired':
      return {
        kind: event.cause === 'retention' ? 'month_retired' : 'month_evicted',
        subject: `${event.month} ${event.retentionClass}`,
        count: event.readings,
        cause: null,
      }
    case 'expiredOnArrival':
      return { kind: 'expired_on_arrival', subject: '', count: event.readings, cause: null }
    case 'budgetExceeded':
      return { kind: 'budget_exceeded', subject: '', count: 1, cause: null }
    case 'blockDamaged':
      return { kind: 'block_damaged', subject: basename(event.file), count: 1, cause: event.cause }
    case 'foldFailed':
      return { kind: 'fold_failed', subject: event.code, count: 1, cause: event.cause }
    case 'foldRecovered':
      return { kind: 'fold_recovered', subject: '', count: 1, cause: null }
    default:
      return assertNever(event)
  }
}

function logged(event: StorageEvent, log: Log): void {
  const { type, ...details } = event
  switch (type) {
    case 'monthRetired':
      return log.info({ ...details, series: undefined }, 'a month of readings was deleted')
    case 'expiredOnArrival':
      return log.warn(details, 'readings came that are older than retention keeps them')
    case 'budgetExceeded':
      return log.warn(details, 'readings take more than the disk budget')
    case 'blockDamaged':
      return log.error(details, 'a block of readings is damaged: run "millwright historian verify"')
    case 'foldFailed':
      return log.error(
        details,
        'readings could not be folded; they stay where they are, and it is tried again',
      )
    case 'foldRecovered':
      return log.info('readings are folded again')
    default:
      return assertNever(type)
  }
}
