import { randomUUID } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { AuditDraft, type AuditService, type AuditSubject } from '#features/audit/index.ts'
import { normalizeEmail } from '#features/identity/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import * as repository from './accounts.repository.ts'
import type { Claims } from './group-claims.ts'
import { type MappedRight, mappedRights } from './mapped-rights.ts'
import { endOwnCredentials, endPassword, voidOpeningLinks } from './own-credentials.ts'
import type { Provider } from './provider.ts'

/** What signing in changed of an account; null or empty where nothing did. */
interface Changes {
  account: 'made' | 'linked' | null
  given: MappedRight[]
  /** Tenants. */
  taken: string[]
  siteAdmin: boolean | null
}

export interface AccountsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  /** Told after the change is stored: credentials of the person may have another reach. */
  rightsChanged(userId: string): void
  sessionEnded(sessionId: string): void
  /** Of an MQTT client, in the same transaction; `certificatesRevoked` once it is stored. */
  revokeClientCertificates(trx: SiteTrx, mqttClientId: string): Promise<unknown>
  certificatesRevoked(): Promise<void>
}

type User = NonNullable<Awaited<ReturnType<typeof repository.linkedUser>>>

/**
 * Whose account a person of a provider has, and what their groups there make them here. Rights that a provider gave
 * carry its mark and follow the groups at every sign-in; what a person gave stays as it is.
 */
export class SignOnAccounts {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #audit: AuditService
  readonly #effects: Omit<AccountsDependencies, 'db' | 'clock' | 'audit'>

  constructor({ db, clock, audit, ...effects }: AccountsDependencies) {
    this.#db = db
    this.#clock = clock
    this.#audit = audit
    this.#effects = effects
  }

  /**
   * Finds, links or makes the account, and brings its rights up to date, with an entry in the audit where anything
   * changes.
   * @returns the user's id
   * @throws ExpectedError `account_suspended`, `sign_on_no_account`, `sign_on_email_unverified`
   */
  async admit(provider: Provider, claims: Claims, subject: AuditSubject): Promise<string> {
    const { userId, hasOtherRights, isLinked, ended } = await this.#db.transaction().execute(async (trx) => {
      const rights: MappedRight[] = []
      for (const right of mappedRights(provider.mappings, claims.groups)) {
        const existing = await repository.existingRight(trx, right)
        if (existing !== null) rights.push(existing)
      }
      const isMappedAdmin =
        provider.siteAdminGroup !== null && claims.groups.includes(provider.siteAdminGroup)
      const { user, account } = await this.#account(trx, provider, claims, {
        isMappedAdmin,
        hasRights: rights.length > 0 || isMappedAdmin,
      })
      if (user.state === 'suspended') throw new ExpectedError('account_suspended')
      const changes = {
        account,
        ...(await this.#replaceRights(trx, provider.id, user.id, rights)),
        siteAdmin: await this.#replaceSiteAdmin(trx, provider.id, user, isMappedAdmin),
      }
      const sessions = await this.#endForeign(trx, user, changes)
      await this.#record(trx, { provider, user, changes, subject })
      const { given, taken, siteAdmin } = changes
      const isChanged = given.length + taken.length > 0 || siteAdmin !== null
      return {
        userId: user.id,
        hasOtherRights: isChanged,
        isLinked: account === 'linked',
        ended: sessions,
      }
    })
    for (const sessionId of ended) this.#effects.sessionEnded(sessionId)
    if (hasOtherRights || isLinked) this.#effects.rightsChanged(userId)
    if (isLinked) await this.#effects.certificatesRevoked()
    return userId
  }

  /**
   * Others may hold what opens the account, from when it gave less or was not yet its owner's: its password at a first
   * sign-in is whoever's took the invitation, later one is whoever's reset it.
   * @returns the sessions that ended
   */
  async #endForeign(trx: SiteTrx, user: User, changes: Changes): Promise<string[]> {
    const isGiven = changes.given.length > 0 || changes.siteAdmin === true
    if (isGiven || changes.account === 'linked') await voidOpeningLinks(trx, user.id)
    if (changes.account === 'linked')
      return endOwnCredentials(trx, user.id, this.#effects.revokeClientCertificates)
    return isGiven && user.passwordHash !== null ? endPassword(trx, user.id) : []
  }

  async #account(
    trx: SiteTrx,
    provider: Provider,
    claims: Claims,
    { isMappedAdmin, hasRights }: { isMappedAdmin: boolean; hasRights: boolean },
  ): Promise<{ user: User; account: Changes['account'] }> {
    const linked = await repository.linkedUser(trx, provider.id, claims.subject)
    if (linked !== undefined) return { user: linked, account: null }
    // The same answer whether or not somebody here has this address.
    if (claims.email === null || !(claims.emailVerified || provider.trustsEmail))
      throw new ExpectedError('sign_on_email_unverified')
    const email = emailOf(claims.email)
    const known = await repository.userByEmail(trx, email)
    if (known !== undefined) {
      // Whoever took an address for themself does not come by what its owner is given.
      if (known.emailOwn === 1) throw new ExpectedError('sign_on_no_account')
      // An address alone makes nobody a site administrator: the provider's groups must say so as well.
      if (known.siteAdmin === 1 && !isMappedAdmin) throw new ExpectedError('sign_on_no_account')
      if (known.state === 'invited') await repository.takeInvitations(trx, known.id)
      await this.#link(trx, provider.id, claims.subject, known.id)
      return { user: known, account: 'linked' }
    }
    if (!provider.makesAccounts || !hasRights) throw new ExpectedError('sign_on_no_account')
    const user = await this.#make(trx, email, claims)
    await this.#link(trx, provider.id, claims.subject, user.id)
    return { user, account: 'made' }
  }

  async #make(trx: SiteTrx, email: string, claims: Claims): Promise<User> {
    const now = this.#clock.now()
    // Random throughout, as every account's: the time in a UUIDv7 would be told to whoever sees the id.
    const id = randomUUID()
    await repository.insertUser(trx, {
      id,
      email,
      name: oneLine(claims.name ?? '') || email.split('@')[0] || email,
      passwordHash: null,
      siteAdmin: 0,
      state: 'active',
      createdAt: now,
    })
    return trx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  }

  #link(trx: SiteTrx, providerId: string, subject: string, userId: string) {
    return repository.link(trx, { providerId, subject, userId, createdAt: this.#clock.now() })
  }

  async #replaceRights(
    trx: SiteTrx,
    providerId: string,
    userId: string,
    rights: readonly MappedRight[],
  ): Promise<Pick<Changes, 'given' | 'taken'>> {
    const given: MappedRight[] = []
    const taken: string[] = []
    const now = this.#clock.now()
    const held = await repository.membershipsOf(trx, userId)
    for (const { tenantId } of held.filter((one) => one.providerId === providerId)) {
      if (rights.some((right) => right.tenantId === tenantId)) continue
      await repository.deleteMembership(trx, userId, tenantId)
      taken.push(tenantId)
    }
    for (const right of rights) {
      const before = held.find(({ tenantId }) => tenantId === right.tenantId)
      // Somebody here, or another provider, decided what they are in this tenant.
      if (before !== undefined && before.providerId !== providerId) continue
      if (before !== undefined && (await isSame(trx, userId, before, right))) continue
      await repository.putMembership(trx, right, { userId, providerId, now })
      given.push(right)
    }
    return { given, taken }
  }

  /** @returns what they are now, where that is new */
  async #replaceSiteAdmin(
    trx: SiteTrx,
    providerId: string,
    user: User,
    isMappedAdmin: boolean,
  ): Promise<boolean | null> {
    if (isMappedAdmin && user.siteAdmin === 0) {
      await repository.setSiteAdmin(trx, user.id, { siteAdmin: 1, providerId })
      return true
    }
    const isOurs = user.siteAdmin === 1 && user.siteAdminProviderId === providerId
    if (isMappedAdmin || !isOurs || !(await repository.hasOtherSiteAdmin(trx, user.id))) return null
    await repository.setSiteAdmin(trx, user.id, { siteAdmin: 0, providerId: null })
    return false
  }

  /**
   * Takes back what a provider that goes gave beside memberships: these go with its row. The last active site
   * administrator stays one.
   * @returns whose rights these were: tell with `forgotten` once it is stored
   */
  async forget(trx: SiteTrx, providerId: string): Promise<string[]> {
    const people = await repository.peopleGivenBy(trx, providerId)
    for (const userId of await repository.siteAdminsBy(trx, providerId)) {
      const siteAdmin = (await repository.hasOtherSiteAdmin(trx, userId)) ? 0 : 1
      await repository.setSiteAdmin(trx, userId, { siteAdmin, providerId: null })
    }
    return people
  }

  forgotten(people: readonly string[]): void {
    for (const userId of people) this.#effects.rightsChanged(userId)
  }

  async #record(
    trx: SiteTrx,
    {
      provider,
      user,
      changes,
      subject,
    }: { provider: Provider; user: User; changes: Changes; subject: AuditSubject },
  ): Promise<void> {
    const { account, given, taken, siteAdmin } = changes
    if (account === null && given.length + taken.length === 0 && siteAdmin === null) return
    const entry = new AuditDraft({
      ...subject,
      actor: { kind: 'system', id: null, name: `sign-in provider ${provider.name}` },
      action: 'sign_on.account',
    })
    entry.about('user', user.id, given[0]?.tenantId ?? taken[0] ?? null, {
      providerId: provider.id,
      ...(account && { account }),
      ...(given.length > 0 && { given }),
      ...(taken.length > 0 && { taken }),
      ...(siteAdmin !== null && { siteAdmin }),
    })
    if (account !== null) entry.personal({ email: user.email })
    await this.#audit.recordIn(trx, entry)
  }
}

/** What is no address here vouches for nobody. @throws ExpectedError `sign_on_email_unverified` */
function emailOf(text: string): string {
  try {
    return normalizeEmail(text)
  } catch {
    throw new ExpectedError('sign_on_email_unverified')
  }
}

async function isSame(
  trx: SiteTrx,
  userId: string,
  before: { tenantId: string; roleId: string; reach: string },
  right: MappedRight,
): Promise<boolean> {
  if (before.roleId !== right.roleId || before.reach !== right.reach) return false
  const groups = new Set(await repository.groupsOfMembership(trx, userId, before.tenantId))
  return groups.size === right.groupIds.length && right.groupIds.every((id) => groups.has(id))
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}
