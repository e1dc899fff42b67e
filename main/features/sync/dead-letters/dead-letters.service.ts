import { ExpectedError } from '#contract/errors.ts'
import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import { kindOf, qualityOf } from '#contract/model/reading-batch.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { DeadLettersPort } from '../sync.router.ts'
import { valueRefusal } from '../telemetry/reading-check.ts'
import { viewOf } from './dead-letter-view.ts'
import {
  askAllToRetry,
  askToRetry,
  countDeadLetters,
  type DeadLetterFilter,
  type DeadLetterRow,
  deleteDeadLetters,
  findDeadLetters,
  listDeadLetters,
} from './dead-letters.repository.ts'
import { deadLettersCsv } from './dead-letters-csv.ts'

export interface DeadLettersDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  historian: Pick<Historian, 'append'>
}

/** What the cloud, or this site, refused: shown, corrected, tried again, or given up by a person. */
export class DeadLettersService implements DeadLettersPort {
  readonly #dependencies: DeadLettersDependencies

  constructor(dependencies: DeadLettersDependencies) {
    this.#dependencies = dependencies
  }

  /** Newest first. */
  async list({
    limit,
    after,
    ...filter
  }: DeadLetterFilter & { limit: number; after?: string | undefined }): Promise<{
    deadLetters: CloudDeadLetter[]
    total: number
    next: string | null
  }> {
    const { db } = this.#dependencies
    const letters = await listDeadLetters(db, filter, { limit: limit + 1, after })
    const deadLetters = letters.slice(0, limit).map(viewOf)
    const next = letters.length > limit ? (deadLetters.at(-1)?.id ?? null) : null
    return { deadLetters, total: await countDeadLetters(db, filter), next }
  }

  /** As CSV, piece by piece. */
  csv(filter: DeadLetterFilter = {}): AsyncGenerator<string> {
    return deadLettersCsv(this.#dependencies.db, filter)
  }

  /**
   * Those named, or all (null), are sent once more as soon as there is a link.
   * @returns how many
   * @throws ExpectedError `not_found`
   */
  async retry(ids: readonly string[] | null, audit: AuditDraft): Promise<number> {
    const { db, clock, audit: log } = this.#dependencies
    audit.about('cloud', 'dead letters', null, { letters: ids ?? 'all' })
    await this.#requireJoined()
    return db.transaction().execute(async (trx) => {
      const now = clock.now()
      const asked = await (ids === null ? askAllToRetry(trx, now) : askToRetry(trx, ids, now))
      if (ids !== null && asked < new Set(ids).size) throw new ExpectedError('not_found')
      await log.recordIn(trx, audit)
      return asked
    })
  }

  /**
   * The value as it should have been. It is stored as a correction and so takes the ordinary way to the cloud: both
   * sides have the same in the end.
   * @throws ExpectedError `not_found`, `cloud_channel_gone`, `cloud_text_…`, `cloud_value_not_a_number`
   */
  async edit(id: string, value: number | boolean | string, audit: AuditDraft): Promise<void> {
    const { db, audit: log, historian } = this.#dependencies
    audit.about('cloud_dead_letter', id, null)
    await this.#requireJoined()
    const [letter] = await findDeadLetters(db, [id])
    if (letter?.kind !== 'reading') throw new ExpectedError('not_found')
    const channel = await this.#channelOf(letter)
    audit.about('cloud_dead_letter', id, letter.tenantId, {
      channel: channel.key,
      ts: letter.ts,
      value: typeof value === 'string' ? value.slice(0, 200) : value,
    })
    const flags = letter.flags ?? 0
    const ts = letter.ts ?? 0
    await historian.append([
      {
        assignmentId: channel.assignmentId,
        channel: channel.key,
        kind: kindOf(flags),
        unit: channel.unit,
        ts,
        value: fitting(value, flags, channel.key),
        quality: qualityOf(flags),
      },
    ])
    // After it is on disk: a power cut in between leaves the letter, and editing it again does no harm.
    await db.transaction().execute(async (trx) => {
      await deleteDeadLetters(trx, [id])
      await log.recordIn(trx, audit)
    })
  }

  /** The readings stay at the site. @returns how many @throws ExpectedError `not_found` */
  async discard(ids: readonly string[], audit: AuditDraft): Promise<number> {
    const { db, audit: log } = this.#dependencies
    audit.about('cloud', 'dead letters', null, { letters: ids })
    return db.transaction().execute(async (trx) => {
      const letters = await findDeadLetters(trx, ids)
      if (letters.length < new Set(ids).size) throw new ExpectedError('not_found')
      audit.about('cloud', 'dead letters', null, {
        letters: letters.map(({ kind, channelId, ts, entity, entityId, reason }) => ({
          kind,
          channelId,
          ts,
          entity,
          entityId,
          reason,
        })),
      })
      const discarded = await deleteDeadLetters(trx, ids)
      await log.recordIn(trx, audit)
      return discarded
    })
  }

  async #channelOf({ channelId }: DeadLetterRow) {
    const channel = await this.#dependencies.db
      .selectFrom('channels')
      .select(['assignmentId', 'key', 'unit'])
      .where('id', '=', channelId ?? '')
      .executeTakeFirst()
    if (!channel) throw new ExpectedError('cloud_channel_gone')
    return channel
  }

  async #requireJoined(): Promise<void> {
    const link = await this.#dependencies.db.selectFrom('cloudLink').select('id').executeTakeFirst()
    if (!link) throw new ExpectedError('cloud_not_joined')
  }
}

/** Of the kind that the channel has. @throws ExpectedError `cloud_text_…`, `cloud_value_not_a_number` */
function fitting(
  value: number | boolean | string,
  flags: number,
  channel: string,
): number | boolean | string {
  const kind = kindOf(flags)
  const refusal = valueRefusal(value)
  if (refusal !== null && typeof value === 'string') throw new ExpectedError(refusal.code, refusal.data)
  if (kind === 'text') return String(value)
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number) || (kind === 'integer' && !Number.isInteger(number)))
    throw new ExpectedError('cloud_value_not_a_number', { channel })
  return kind === 'boolean' ? number !== 0 : number
}
