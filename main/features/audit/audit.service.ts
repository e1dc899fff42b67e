import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { chainLink, firstBroken, GENESIS, hashPersonal, newSalt } from './audit-chain.ts'
import type { AuditDraft } from './audit-draft.ts'

export type AuditOutcome = 'done' | 'refused' | 'failed'

/** The append-only record of who did what. Each entry is chained to the one before under a key of the site. */
export class AuditService {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #key: () => Uint8Array

  /** `key`: the audit's HMAC key, derived from the site key; there is none before set-up. */
  constructor(db: SiteDb, clock: Clock, key: () => Uint8Array) {
    this.#db = db
    this.#clock = clock
    this.#key = key
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
    const { actor, action, address, requestId } = draft.subject
    const last = await trx
      .selectFrom('auditEntries')
      .select(['seq', 'chain'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    const salt = newSalt()
    const entry = {
      seq: (last?.seq ?? 0) + 1,
      at: this.#clock.now(),
      actorKind: actor.kind,
      actorId: actor.id,
      action,
      objectKind: draft.object?.kind ?? null,
      objectId: draft.object?.id ?? null,
      tenantId: draft.tenantId,
      outcome,
      errorCode,
      requestId,
      details: JSON.stringify(draft.details),
      personalHash: hashPersonal(salt, actor.name, address),
    }
    const chain = chainLink(this.#key(), last?.chain ?? GENESIS, entry)
    await trx
      .insertInto('auditEntries')
      .values({ ...entry, chain })
      .execute()
    await trx
      .insertInto('auditPersonal')
      .values({ seq: entry.seq, salt, actorName: actor.name, address })
      .execute()
    draft.recorded = true
  }

  /** Proves the newest `count` entries. @returns the number of the first that was tampered with, or null */
  async checkNewest(count: number): Promise<number | null> {
    const newest = await this.#db
      .selectFrom('auditEntries')
      .leftJoin('auditPersonal', 'auditPersonal.seq', 'auditEntries.seq')
      .selectAll('auditEntries')
      .select(['auditPersonal.salt', 'auditPersonal.actorName', 'auditPersonal.address'])
      .orderBy('auditEntries.seq', 'desc')
      .limit(count + 1)
      .execute()
    const entries = newest.toReversed().map(({ salt, actorName, address, ...entry }) => ({
      ...entry,
      personal: salt === null ? null : { salt, actorName: actorName ?? '', address: address ?? '' },
    }))
    // One more than asked for gives the link that the first of them hangs on.
    const anchor = newest.length > count ? entries.shift() : undefined
    return firstBroken(this.#key(), anchor?.chain ?? GENESIS, entries)
  }
}
