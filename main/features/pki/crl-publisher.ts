import { ExpectedError } from '#contract/errors.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import type { CrlContent } from './crl.ts'
import { activeCertificate, authoritiesOf, revocationState, revokedCertificates } from './pki.repository.ts'
import { parseRevocationReason } from './revocation-reason.ts'
import type { Signer } from './signer.ts'

const day = 86_400_000
/** security.md: next update 7 days. */
const crlLife = 7 * day
/** Kept ahead: whoever fetches one has at least half its life to go. */
const renewBefore = crlLife / 2
/** RFC 5280 3.3: an entry stays until a regular CRL after its certificate's expiry has carried it. */
const keepAfterExpiry = 2 * crlLife
/** After a restart: a revocation this long before a list may have been committed after it was read. */
const doubt = 600_000

/** Signs and keeps the revocation list of every CA that signs gateways. */
export class CrlPublisher {
  readonly #db: SiteDb
  readonly #signer: Signer
  /** Two at once could give two lists one number. */
  readonly #inTurn = oneAtATime()
  /** How many revocations the current list of each CA knows. */
  readonly #listed = new Map<string, number>()

  constructor(db: SiteDb, signer: Signer) {
    this.#db = db
    this.#signer = signer
  }

  /**
   * Signs a new list where one is missing, near its end, older than a revocation, or dated ahead of a clock that
   * was set back. Many calls at once cost one signature.
   *
   * @returns the ids of the CAs whose list is new
   */
  refreshIfDue(now: number): Promise<string[]> {
    return this.#inTurn(async () => {
      const renewed: string[] = []
      for (const { id } of await authoritiesOf(this.#db, 'device_issuing')) {
        if (!(await this.#isDue(id, now))) continue
        await this.#publish(id, now)
        renewed.push(id)
      }
      return renewed
    })
  }

  /** The list of the active issuing CA, or of another. @throws ExpectedError `setup_required`, `not_found` */
  async der(issuerId?: string): Promise<Uint8Array> {
    const id = issuerId ?? (await activeCertificate(this.#db, 'device_issuing'))?.id
    if (!id) throw new ExpectedError('setup_required')
    const row = await this.#db.selectFrom('crls').select('der').where('issuerId', '=', id).executeTakeFirst()
    if (!row) throw new ExpectedError('not_found', { what: 'revocation list of', id })
    return row.der
  }

  async #isDue(issuerId: string, now: number): Promise<boolean> {
    const current = await this.#db
      .selectFrom('crls')
      .select(['thisUpdate', 'nextUpdate'])
      .where('issuerId', '=', issuerId)
      .executeTakeFirst()
    if (!current || current.thisUpdate > now || current.nextUpdate - now < renewBefore) return true
    const { count, lastAt } = await revocationState(this.#db, issuerId)
    const listed = this.#listed.get(issuerId)
    // Counted, not timed: a transaction may carry a time from before the last list and commit after it.
    if (listed !== undefined) return count !== listed
    return lastAt !== null && lastAt >= current.thisUpdate - doubt
  }

  async #publish(issuerId: string, now: number): Promise<void> {
    // Before the list is read: what is revoked in between makes the next call sign again, never none.
    const { count } = await revocationState(this.#db, issuerId)
    const revoked = await revokedCertificates(this.#db, issuerId, now - keepAfterExpiry)
    const before = await this.#db
      .selectFrom('crls')
      .select('number')
      .where('issuerId', '=', issuerId)
      .executeTakeFirst()
    const content: CrlContent = {
      // RFC 5280 5.2.3: ever larger.
      number: (before?.number ?? 0) + 1,
      thisUpdate: now,
      nextUpdate: now + crlLife,
      serials: revoked.map(({ serial }) => serial),
      revokedAt: revoked.map(({ revokedAt }) => revokedAt ?? now),
      reasons: revoked.map(({ revocationReason }) => parseRevocationReason(revocationReason)),
    }
    const { number, thisUpdate, nextUpdate } = content
    const row = { number, thisUpdate, nextUpdate, der: await this.#signer.signCrl(issuerId, content) }
    await this.#db
      .insertInto('crls')
      .values({ issuerId, ...row })
      .onConflict((conflict) => conflict.column('issuerId').doUpdateSet(row))
      .execute()
    this.#listed.set(issuerId, count)
  }
}
