import { randomUUID } from 'node:crypto'
import type { TenantRef } from '#contract/model/tenant-ref.ts'
import { type Actor, isOfSite, scopeOf } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

import { type Caller, CredentialCheck, type Credentials } from './credential-check.ts'
import { normalizeEmail } from './email.ts'
import * as repository from './identity.repository.ts'
import { activeMemberships } from './memberships.repository.ts'
import type { PasswordHashes } from './password-hashes.ts'
import { checkPassword } from './password-policy.ts'
import type { SecondFactors } from './second-factor/second-factors.ts'
import { type SessionsDependencies, SessionsService, type SignedIn } from './sessions.service.ts'

export interface NewAdministrator {
  email: string
  name?: string | undefined
  password: string
}

export interface IdentityDependencies extends SessionsDependencies {
  hashes: PasswordHashes
  secondFactors: SecondFactors
}

/** People: the first administrator, signing in and out, and which tenants they may act in. */
export class IdentityService {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #hashes: PasswordHashes
  readonly credentials: CredentialCheck
  readonly sessions: SessionsService

  constructor(dependencies: IdentityDependencies) {
    this.#db = dependencies.db
    this.#clock = dependencies.clock
    this.#hashes = dependencies.hashes
    this.credentials = new CredentialCheck(dependencies)
    this.sessions = new SessionsService(dependencies)
  }

  /** @throws ExpectedError `email_invalid`, `password_too_short`, `password_too_common` */
  checkAdministrator(admin: NewAdministrator, siteName: string): void {
    checkPassword(admin.password, { email: normalizeEmail(admin.email), siteName })
  }

  /** Checks and hashes before a transaction is open. @throws ExpectedError `email_invalid`, `password_too_short`, `password_too_common` */
  async prepareAdministrator(admin: NewAdministrator, siteName: string) {
    const email = normalizeEmail(admin.email)
    checkPassword(admin.password, { email, siteName })
    return {
      // Random throughout, as of everybody: the id must not tell who came first.
      id: randomUUID(),
      email,
      name: admin.name || (email.split('@')[0] ?? email),
      passwordHash: await this.#hashes.make(admin.password),
      siteAdmin: 1 as const,
      state: 'active' as const,
      createdAt: this.#clock.now(),
      passwordChangedAt: this.#clock.now(),
    }
  }

  insertAdministrator(trx: SiteTrx, user: Awaited<ReturnType<IdentityService['prepareAdministrator']>>) {
    return repository.insertUser(trx, user)
  }

  /**
   * Signs a browser in.
   * @throws ExpectedError `wrong_credentials`, `account_locked`, `too_many_requests`, `account_without_tenant`
   */
  async login(given: Credentials, from: Caller, audit: AuditDraft): Promise<SignedIn> {
    const { id, passwordHash } = await this.credentials.verify(given, from, audit)
    return this.sessions.openBrowser(id, { from, proof: { passwordHash } }, audit)
  }

  /** The tenants that the actor may choose to act in. */
  async tenantsOf(actor: Actor, tenants: Pick<TenantsService, 'list'>): Promise<TenantRef[]> {
    if (actor.kind === 'user' && !actor.siteAdmin) {
      const memberships = await activeMemberships(this.#db, actor.id)
      return memberships.map(({ tenantId: id, tenantSlug: slug, tenantName: name }) => ({ id, slug, name }))
    }
    const rows = await tenants.list(isOfSite(actor) ? { all: true } : scopeOf(actor))
    return rows.map(({ id, slug, name }) => ({ id, slug, name }))
  }
}
