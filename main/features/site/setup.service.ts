import type { Network } from '#contract/api/site.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { IdentityService, NewAdministrator } from '#features/identity/index.ts'
import { slugOf, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { checkNetwork, defaultPorts } from './network.ts'
import { SetupCode } from './setup-code.ts'
import type { SiteService } from './site.service.ts'

export interface SetupAnswers {
  siteName: string
  admin: NewAdministrator
  addresses: string[]
  names: string[]
  ports?: Partial<Network['ports']> | undefined
}

export interface SetupResult {
  siteName: string
  recoveryCode: string
  caFingerprint: string
  webCaFingerprint: string
}

/** The site is made. `startFailure`: it could not begin to serve, and why; starting it again is to be tried. */
export interface SetupOutcome extends SetupResult {
  startFailure: Error | null
}

export interface SetupDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  identity: IdentityService
  tenants: TenantsService
  site: SiteService
  /** Makes the site key; from here on secrets can be sealed. What an interrupted set-up left is replaced. */
  createSiteKey(): Promise<{ recoveryCode: string }>
  /** Makes the certificate authorities; `store` puts them into the set-up's transaction. */
  prepareAuthorities(
    siteName: string,
    network: Network,
  ): Promise<{
    store(trx: SiteTrx): Promise<void>
    caFingerprint: string
    webCaFingerprint: string
  }>
  /** Brings up broker, store and the rest. */
  onSetUp(): Promise<void>
}

/** Makes a site out of a data folder: all of it, in one transaction, or nothing. */
export class SetupService {
  readonly #dependencies: SetupDependencies
  readonly code = new SetupCode()
  #running = false

  constructor(dependencies: SetupDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `setup_done`, `setup_code_wrong`, `too_many_requests` */
  checkCaller(code: string, { address, trustedLocal }: { address: string; trustedLocal: boolean }): void {
    const { site, clock } = this.#dependencies
    if (site.isSetUp()) throw new ExpectedError('setup_done')
    if (!trustedLocal) this.code.check(code, address, clock.now())
  }

  /** @throws ExpectedError `setup_done`, `email_invalid`, `password_too_short`, `password_too_common`, `address_invalid` */
  async complete(answers: SetupAnswers, audit: AuditDraft): Promise<SetupOutcome> {
    if (this.#running || this.#dependencies.site.isSetUp()) throw new ExpectedError('setup_done')
    this.#running = true
    try {
      return await this.#complete(answers, audit)
    } finally {
      this.#running = false
    }
  }

  async #complete(answers: SetupAnswers, audit: AuditDraft): Promise<SetupOutcome> {
    const { db, site, tenants, identity, audit: log } = this.#dependencies
    const siteName = answers.siteName.trim()
    const network = checkNetwork({
      addresses: answers.addresses,
      names: answers.names,
      ports: { ...defaultPorts, ...answers.ports },
    })
    // The policy is checked before anything is written; the hash needs the site key, so it comes after.
    identity.checkAdministrator(answers.admin, siteName)
    const { recoveryCode } = await this.#dependencies.createSiteKey()
    const admin = await identity.prepareAdministrator(answers.admin, siteName)
    const authorities = await this.#dependencies.prepareAuthorities(siteName, network)
    await db.transaction().execute(async (trx) => {
      const tenant = await tenants.create(trx, { slug: slugOf(siteName), name: siteName })
      await identity.insertAdministrator(trx, admin)
      await authorities.store(trx)
      await site.saveIn(trx, siteName, network)
      // The administrator by id: personal data stands outside the chain.
      await log.recordIn(trx, audit.about('site', tenant.id, null, { siteName, admin: admin.id, network }))
    })
    site.adopt(siteName, network)
    const startFailure = await this.#start()
    const { caFingerprint, webCaFingerprint } = authorities
    return { siteName, recoveryCode, caFingerprint, webCaFingerprint, startFailure }
  }

  /** A port in use must not cost the recovery code, which is shown this once: the failure goes beside it. */
  async #start(): Promise<Error | null> {
    try {
      await this.#dependencies.onSetUp()
      return null
    } catch (error) {
      this.#dependencies.log.error({ err: error }, 'the site is set up and could not begin to serve')
      return error instanceof Error ? error : new Error(String(error))
    }
  }
}
