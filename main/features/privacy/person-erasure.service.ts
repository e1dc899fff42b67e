import { ExpectedError } from '#contract/errors.ts'
import { type Actor, isOfSite, type PersonActor } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Caller, IdentityService } from '#features/identity/index.ts'
import type { Pki } from '#features/pki/index.ts'
import { otherSiteAdmins, seeUser } from '#features/users/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { anonymizeCertificates } from './erase-certificates.ts'
import { DELETED_PERSON, type ErasedPerson, erasePersonIn } from './erase-person.ts'

export interface PersonErasureDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  identity: Pick<IdentityService, 'credentials'>
  pki: Pick<Pki, 'revokeClientCertificates' | 'refreshCrlIfDue' | 'eraseTrail'>
  /** Sessions, gateways, MQTT clients and jobs of the person follow. */
  gone(person: ErasedPerson): Promise<void>
}

/** Deleting people with all that is personal, on their own wish or by whoever answers for the account. */
export class PersonErasure {
  readonly #dependencies: PersonErasureDependencies

  constructor(dependencies: PersonErasureDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * @throws ExpectedError as `CredentialCheck.confirmBoth` of those who have a password, and `confirmation_wrong`,
   *   `last_site_admin`
   */
  async eraseOwn(
    { actor, from, audit }: { actor: PersonActor; from: Caller; audit: AuditDraft },
    given: { confirm: string; password?: string | undefined; code?: string | undefined },
  ): Promise<void> {
    const { db, identity } = this.#dependencies
    audit.about('user', actor.id, actor.tenantId)
    const user = await db
      .selectFrom('users')
      .select(['email', 'passwordHash'])
      .where('id', '=', actor.id)
      .executeTakeFirst()
    if (!user) throw new ExpectedError('not_signed_in')
    requireConfirmed(given.confirm, user.email)
    if (user.passwordHash !== null) {
      const { password = '', code } = given
      await identity.credentials.confirmBoth(actor.id, { password, code }, from)
    }
    await this.#erase(actor.id, audit)
  }

  /** @throws ExpectedError `not_found`, `account_beyond`, `not_yourself`, `confirmation_wrong`, `last_site_admin` */
  async eraseUser(
    actor: Actor,
    { userId, confirm }: { userId: string; confirm: string },
    audit: AuditDraft,
  ): Promise<void> {
    audit.about('user', userId, audit.tenantId)
    const { email } = await this.requireAccount(actor, userId)
    if (actor.kind === 'user' && actor.id === userId) throw new ExpectedError('not_yourself')
    requireConfirmed(confirm, email)
    await this.#erase(userId, audit)
  }

  /**
   * Whether the whole account is the caller's to answer for: theirs as administrators of the site, or made by their
   * tenant alone. @throws ExpectedError `not_found`, `account_beyond`
   */
  async requireAccount(actor: Actor, userId: string): Promise<{ email: string; name: string }> {
    const { user, covered, memberships, own, veiled } = await seeUser(this.#dependencies.db, actor, userId)
    const isAlone = own !== undefined && memberships.length === 1 && user.siteAdmin === 0 && !veiled
    if (!covered || !(isOfSite(actor) || isAlone)) throw new ExpectedError('account_beyond')
    return user
  }

  async #erase(userId: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    const person = await db.transaction().execute(async (trx) => {
      await requireAnother(trx, userId)
      // Before the erasure, which takes the personal part of this entry too.
      await log.recordIn(trx, audit)
      return this.eraseIn(trx, userId, audit.subject)
    })
    await this.follow([person])
  }

  /** For whoever erases more in the same transaction; call `follow` after it. */
  async eraseIn(trx: SiteTrx, userId: string, by: AuditDraft['subject']): Promise<ErasedPerson> {
    const { audit: log, pki, clock } = this.#dependencies
    const clients = await trx
      .selectFrom('mqttClients')
      .select('id')
      .where('ownerUserId', '=', userId)
      .execute()
    for (const { id } of clients) {
      await pki.revokeClientCertificates(trx, id, 'cessationOfOperation', clock.now())
      await anonymizeCertificates(trx, { mqttClientId: id })
    }
    const person = await erasePersonIn(trx, userId)
    const isSelf = by.actor.id === userId
    const actor = isSelf ? { ...by.actor, name: DELETED_PERSON } : by.actor
    await log.erasePersonal(trx, userId, { ...by, actor, ...(isSelf && { address: 'erased' }) })
    return person
  }

  /** Everything outside of the store; and what the store's log still holds is cut. */
  async follow(people: ErasedPerson[]): Promise<void> {
    const { pki, clock, gone } = this.#dependencies
    for (const person of people) await gone(person)
    await pki.refreshCrlIfDue(clock.now())
    await pki.eraseTrail()
  }
}

/** @throws ExpectedError `confirmation_wrong` */
export function requireConfirmed(given: string, wanted: string): void {
  if (given.trim().toLowerCase() !== wanted.toLowerCase()) throw new ExpectedError('confirmation_wrong')
}

/** @throws ExpectedError `last_site_admin` */
async function requireAnother(trx: SiteTrx, userId: string): Promise<void> {
  const user = await trx
    .selectFrom('users')
    .select(['siteAdmin', 'state'])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (user?.siteAdmin !== 1 || user.state !== 'active') return
  if ((await otherSiteAdmins(trx, userId)) === 0) throw new ExpectedError('last_site_admin')
}
