import { type ErrorCode, errorCodes, isErrorCode } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { ERASED, SKIPPED, systemDraft, TAMPERED } from './audit-actions.ts'
import { chainLink, GENESIS, hashPersonal, hashSubject, newSalt } from './audit-chain.ts'
import { AuditDraft, type AuditSubject } from './audit-draft.ts'
import { AuditHeadFile, type Head } from './audit-head.ts'
import { auditKeys } from './audit-keys.ts'
import { FailureBudget } from './failure-budget.ts'
import { HeadKeeper, type HeadProblem } from './head-keeper.ts'
import { maskedJson } from './mask-secrets.ts'
import { oneLine } from './one-line.ts'
import { eraseOf } from './personal.repository.ts'
import { firstBrokenOfNewest } from './verify-newest.ts'

export type AuditOutcome = 'done' | 'refused' | 'failed'

/** Failures that were only counted are told this often, ms. */
const COUNTED_EVERY = 10 * 60_000

/** The append-only record of who did what. Each entry is chained to the one before under a key of the site. */
export class AuditService {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #key: () => Uint8Array
  readonly #log: Log | null
  readonly #keeper: HeadKeeper | null
  readonly #budget = new FailureBudget()
  #teller: NodeJS.Timeout | null = null

  /**
   * `key`: the audit's key, derived from the site key; there is none before set-up. `head`: where the sealed head of
   * the chain lies; without it only what is inside the chain is protected.
   */
  constructor(db: SiteDb, clock: Clock, key: () => Uint8Array, head?: { file: string; log: Log }) {
    this.#db = db
    this.#clock = clock
    this.#key = key
    this.#log = head?.log ?? null
    this.#keeper =
      head === undefined
        ? null
        : new HeadKeeper(
            { db, log: head.log, file: new AuditHeadFile(head.file, () => auditKeys(key()).head) },
            (problem, sealed) => this.#tell(problem, sealed),
          )
  }

  /**
   * Once the site key is open: proves the newest entries, and the chain's length by its sealed head. Tampering does not
   * keep a plant from running: it is in the log, and, where the evidence would not last, in the audit itself.
   */
  async start(newest: number): Promise<void> {
    const broken = await this.checkNewest(newest)
    if (broken !== null) this.#log?.error({ entry: broken }, 'the audit was changed from outside')
    await this.#keeper?.start()
    this.#teller = setInterval(() => void this.#tellCounted(), COUNTED_EVERY)
    this.#teller.unref()
  }

  async stop(): Promise<void> {
    if (this.#teller) clearInterval(this.#teller)
    await this.#tellCounted()
    await this.#keeper?.stop()
  }

  async record(draft: AuditDraft, outcome: AuditOutcome, errorCode: string | null = null): Promise<void> {
    await this.#db.transaction().execute((trx) => this.recordIn(trx, draft, outcome, errorCode))
  }

  /** Records in the transaction of the change, which SQLite's one writer also makes the chain's order. */
  async recordIn(
    trx: SiteTrx,
    draft: AuditDraft,
    outcome: AuditOutcome = 'done',
    errorCode: string | null = null,
  ): Promise<void> {
    const { actor, action, requestId } = draft.subject
    const last = await trx
      .selectFrom('auditEntries')
      .select(['seq', 'chain'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    await this.#keeper?.begin(last)
    const personal = {
      salt: newSalt(),
      actorName: oneLine(actor.name),
      address: oneLine(draft.subject.address),
    }
    const subject = subjectOf(draft)
    const path = draft.subject.path ?? null
    const entry = {
      format: 2 as const,
      // A number is given once: what was cut off the newest end leaves a gap.
      seq: Math.max(last?.seq ?? 0, this.#keeper?.seq ?? 0) + 1,
      at: this.#clock.now(),
      actorKind: actor.kind,
      actorId: actor.id === null ? null : oneLine(actor.id),
      action: oneLine(action),
      objectKind: draft.object && oneLine(draft.object.kind),
      objectId: draft.object && oneLine(draft.object.id, 500),
      tenantId: draft.tenantId === null ? null : oneLine(draft.tenantId),
      outcome,
      errorCode: errorCode === null ? null : oneLine(errorCode),
      status: path === null ? null : statusOf(draft.subject, errorCode),
      path: path === null ? null : oneLine(path),
      requestId: requestId === null ? null : oneLine(requestId),
      durationMs: path === null ? null : Math.max(0, Math.round(performance.now() - draft.startedAt)),
      details: maskedJson(draft.details),
      personalHash: hashPersonal(personal.salt, personal.actorName, personal.address),
      subjectId: subject?.userId ?? null,
      subjectHash: subject && hashSubject(subject.salt, subject.details),
    }
    const chain = chainLink(this.#key(), last?.chain ?? GENESIS, entry)
    await trx
      .insertInto('auditEntries')
      .values({ ...entry, chain })
      .execute()
    await trx
      .insertInto('auditPersonal')
      .values({ seq: entry.seq, ...personal })
      .execute()
    if (subject !== null)
      await trx
        .insertInto('auditSubjects')
        .values({ seq: entry.seq, salt: subject.salt, details: subject.details })
        .execute()
    draft.recorded = true
    draft.entry = { seq: entry.seq, chain }
    this.#keeper?.moved()
  }

  /**
   * Records that a call was refused or failed, unless it is recorded already. Who fails too often is only counted, and
   * a stranger who only wanted to read sooner. Never throws: nothing was changed, and the caller is told of that failure
   * and not of one of the audit.
   */
  async recordFailure(
    draft: AuditDraft,
    outcome: 'refused' | 'failed',
    code: string,
    { isRead = false }: { isRead?: boolean } = {},
  ): Promise<void> {
    const { actor, address, action } = draft.subject
    try {
      if (draft.recorded && (draft.entry === null || (await this.#isStored(draft.entry)))) return
      draft.recorded = true
      const who = actor.kind === 'anonymous' ? null : `${actor.kind} ${actor.id ?? ''}`
      if (!this.#budget.take({ actor: who, address, isRead }, this.#clock.now())) return
      await this.record(draft, outcome, code)
    } catch (err) {
      this.#log?.error({ err, action, outcome: code }, 'a failure is not in the audit')
    }
  }

  /**
   * Erases what the audit says of a person: their name and address in what they did and tried, and what entries say of
   * them. The chain keeps the rest, and one entry more that says so. Outside of the transaction cut the store's log
   * afterwards (`wal_checkpoint(truncate)`), where the bytes live on.
   * @returns in how many entries
   */
  async erasePersonal(trx: SiteTrx, userId: string, by: AuditSubject): Promise<number> {
    const entries = await eraseOf(trx, userId)
    const draft = new AuditDraft({ ...by, action: ERASED })
    await this.recordIn(trx, draft.about('user', userId, null, { entries }))
    return entries
  }

  /** Whether the transaction that an entry was written in came to its end. */
  async #isStored({ seq, chain }: { seq: number; chain: Uint8Array }): Promise<boolean> {
    const row = await this.#db
      .selectFrom('auditEntries')
      .select('chain')
      .where('seq', '=', seq)
      .executeTakeFirst()
    return row !== undefined && Buffer.compare(row.chain, chain) === 0
  }

  /** Brings the sealed head up to now. Never inside a transaction, for which it would wait. */
  flush(): Promise<void> {
    return this.#keeper?.flush() ?? Promise.resolve()
  }

  /** Proves the newest `count` entries. @returns the number of the first that was tampered with, or null */
  checkNewest(count: number): Promise<number | null> {
    return firstBrokenOfNewest(this.#db, this.#key(), count)
  }

  async #tell(problem: HeadProblem, head: Head | null): Promise<void> {
    this.#log?.error({ problem, entry: head?.seq ?? null }, 'the audit was changed from outside')
    const draft = systemDraft(TAMPERED)
    await this.record(
      draft.about('site', 'audit', null, { problem, sealedUpTo: head?.seq ?? null }),
      'failed',
    )
  }

  async #tellCounted(): Promise<void> {
    const skipped = this.#budget.takeSkipped()
    if (skipped === null) return
    try {
      const since = new Date(skipped.since).toISOString()
      const draft = systemDraft(SKIPPED)
      await this.record(draft.about('site', 'access', null, { count: skipped.count, since }), 'refused')
    } catch (err) {
      this.#log?.error({ err, ...skipped }, 'failures that were only counted are not in the audit')
    }
  }
}

function subjectOf({ personalDetails, object }: AuditDraft) {
  if (personalDetails === null) return null
  const { of, details } = personalDetails
  const userId = of ?? (object?.kind === 'user' ? object.id : null)
  return { userId: userId && oneLine(userId), salt: newSalt(), details: maskedJson(details) }
}

function statusOf({ successStatus = 200 }: AuditSubject, errorCode: string | null): number {
  if (errorCode === null) return successStatus
  return isErrorCode(errorCode) ? errorCodes[errorCode satisfies ErrorCode].status : 500
}
