import type { AuditFinding, AuditFindingKind, AuditReport } from '#contract/model/audit.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { ERASED, TAMPERED } from './audit-actions.ts'
import { GENESIS, hex, sealCheckpoint } from './audit-chain.ts'
import type { Head } from './audit-head.ts'
import type { AuditKeys } from './audit-keys.ts'
import { ownerOf } from './personal.repository.ts'
import {
  isLinked,
  type PartState,
  personalState,
  type StoredEntry,
  selectStored,
  subjectState,
} from './stored-entries.ts'

export interface VerifyOptions {
  keys: Pick<AuditKeys, 'chain' | 'checkpoint'>
  /** The sealed head, read before the store: it may lag, never lead. */
  head: Head | 'missing' | 'changed'
  signal?: AbortSignal
  /** Told after each slice. */
  onProgress?(done: number): void
}

/** Entries that are read at a time. */
const SLICE = 2_000
const MOST_FINDINGS = 100

/**
 * Proves the whole audit: every entry and its place, the parts that lie aside, where retention cut, and that the newest
 * are there. It reads in slices; the store should stand still meanwhile (a read transaction, or nobody writing).
 */
export async function verifyAudit(db: SiteDb, options: VerifyOptions): Promise<AuditReport> {
  const proof = new Proof(options)
  await proof.takeCheckpoints(db)
  await proof.takeStrays(db)
  for (let after = 0; ; ) {
    options.signal?.throwIfAborted()
    const entries = await selectStored(db)
      .where('auditEntries.seq', '>', after)
      .where('auditEntries.seq', '<=', Number.MAX_SAFE_INTEGER)
      .orderBy('auditEntries.seq')
      .limit(SLICE)
      .execute()
    for (const entry of entries) proof.take(entry)
    options.onProgress?.(proof.entries)
    const last = entries.at(-1)
    if (last === undefined || entries.length < SLICE) return proof.end()
    after = last.seq
  }
}

/** The state of a proof that goes through the entries in order. */
class Proof {
  readonly #options: VerifyOptions
  readonly #findings: AuditFinding[] = []
  #found = 0
  #previous: Uint8Array = GENESIS
  #lastSeq = 0
  #firstSeq = 0
  #checkpoint: AuditReport['checkpoint'] = null
  /** Parts that are gone, by the person they were of, until an erasure explains them. */
  readonly #unexplained = new Map<string, { first: number; last: number; entries: number }>()
  #erased = 0
  #sealedChain: string | null = null
  entries = 0

  constructor(options: VerifyOptions) {
    this.#options = options
  }

  async takeCheckpoints(db: SiteDb): Promise<void> {
    const checkpoints = await db.selectFrom('auditCheckpoints').selectAll().orderBy('seq').execute()
    for (const checkpoint of checkpoints) {
      const seal = sealCheckpoint(this.#options.keys.checkpoint, checkpoint)
      if (Buffer.compare(seal, checkpoint.seal) !== 0) {
        this.#find('checkpoint_changed', checkpoint.seq)
      } else {
        const { seq, entries, at } = checkpoint
        this.#checkpoint = { seq, entries, at }
      }
      // What is told once need not be told of every entry after it.
      const { seq, chain } = checkpoint
      this.#previous = chain
      this.#lastSeq = seq
      if (seq === this.#sealed()?.seq) this.#sealedChain = hex(chain)
    }
  }

  /** Entries under numbers that no site gives, and that the order of the others does not reach: lists show them too. */
  async takeStrays(db: SiteDb): Promise<void> {
    for (const [from, to] of [
      [-(2 ** 63), 0],
      [2 ** 53, 2 ** 63],
    ] as const) {
      const { first, last } = await db
        .selectFrom('auditEntries')
        .select(({ fn }) => [fn.min('seq').as('first'), fn.max('seq').as('last')])
        .where('seq', '>=', from)
        .where('seq', '<=', to)
        .executeTakeFirstOrThrow()
      if (first !== null) this.#find('changed', safe(first), safe(last))
    }
  }

  take(entry: StoredEntry): void {
    const { seq } = entry
    const isFirst = this.entries === 0
    this.entries += 1
    if (isFirst) this.#firstSeq = seq
    const isLinkedOn = isLinked(this.#options.keys.chain, this.#previous, entry)
    if (seq > this.#lastSeq + 1) {
      // Retention cuts the oldest, and leaves proof of it: without, whoever cut them was not the site.
      const isUnproved = isFirst && this.#checkpoint === null
      this.#find(isUnproved ? 'checkpoint_missing' : 'missing', this.#lastSeq + 1, seq - 1)
    } else if (!isLinkedOn || seq <= this.#lastSeq) this.#find('changed', seq)
    this.#takeParts(entry)
    if (entry.actorKind === 'system' && entry.action === TAMPERED) this.#find('recorded', seq)
    if (entry.action === ERASED && entry.objectId !== null && isLinkedOn) this.#explain(entry.objectId)
    if (seq === this.#sealed()?.seq) this.#sealedChain = hex(entry.chain)
    this.#previous = entry.chain
    this.#lastSeq = seq
  }

  #takeParts(entry: StoredEntry): void {
    const parts: [PartState, string | null][] = [
      [personalState(entry), ownerOf(entry)],
      [subjectState(entry), entry.subjectId],
    ]
    let isErased = false
    for (const [state, of] of parts) {
      if (state === 'changed') this.#find('personal_changed', entry.seq)
      if (state !== 'gone') continue
      if (of === null) {
        this.#find('personal_missing', entry.seq)
        continue
      }
      const gone = this.#unexplained.get(of)
      const entries = (gone?.entries ?? 0) + (isErased ? 0 : 1)
      this.#unexplained.set(of, { first: gone?.first ?? entry.seq, last: entry.seq, entries })
      isErased = true
    }
  }

  #explain(userId: string): void {
    this.#erased += this.#unexplained.get(userId)?.entries ?? 0
    this.#unexplained.delete(userId)
  }

  end(): AuditReport {
    for (const { first, last } of this.#unexplained.values()) this.#find('personal_missing', first, last)
    this.#compareHead()
    return {
      sound: this.#found === 0,
      entries: this.entries,
      firstSeq: this.#firstSeq,
      lastSeq: this.entries === 0 ? 0 : this.#lastSeq,
      chain: hex(this.#previous),
      checkpoint: this.#checkpoint,
      sealedSeq: this.#sealed()?.seq ?? null,
      erased: this.#erased,
      findings: this.#findings.toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0)),
      found: this.#found,
    }
  }

  #compareHead(): void {
    const { head } = this.#options
    // The first entry of every site is its set-up, and retention keeps the newest.
    const isSealed = typeof head !== 'string' && head.seq > 0
    if (this.entries === 0 && !isSealed) this.#find('truncated', this.#lastSeq + 1)
    if (head === 'missing') return this.#find('head_missing', null)
    if (head === 'changed') return this.#find('head_changed', null)
    if (head.seq === 0) return
    if (head.seq > this.#lastSeq) return this.#find('truncated', this.#lastSeq + 1, head.seq)
    // One that is missing in between is found there, and one that was cut is proved by its checkpoint.
    if (this.#sealedChain !== null && this.#sealedChain !== head.chain) this.#find('head_differs', head.seq)
  }

  #sealed(): Head | null {
    const { head } = this.#options
    return typeof head === 'string' ? null : head
  }

  #find(kind: AuditFindingKind, seq: number | null, toSeq: number | null = seq): void {
    this.#found += 1
    if (this.#findings.length < MOST_FINDINGS) this.#findings.push({ kind, seq, toSeq })
  }
}

/** SQLite's numbers reach further than those that can be told. */
function safe(seq: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(seq, Number.MAX_SAFE_INTEGER))
}
