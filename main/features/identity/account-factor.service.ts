import { ExpectedError } from '#contract/errors.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { AccountService, Asking } from './account.service.ts'
import type { IdentityService } from './identity.service.ts'
import type { NewFactor, SecondFactors } from './second-factor/second-factors.ts'

export interface AccountFactorDependencies {
  db: SiteDb
  audit: AuditService
  identity: Pick<IdentityService, 'credentials'>
  account: Pick<AccountService, 'isFactorRequired'>
  secondFactors: SecondFactors
}

interface PasswordAndCode {
  password: string
  code: string
}

/** People's own second factors. Each step asks for the password: a session that was left open is not enough. */
export class AccountFactorService {
  readonly #dependencies: AccountFactorDependencies

  constructor(dependencies: AccountFactorDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError as `CredentialCheck.confirm`, and `second_factor_present` */
  async begin({ actor, from, audit }: Asking, password: string): Promise<NewFactor> {
    const { db, audit: log, identity, secondFactors } = this.#dependencies
    audit.about('user', actor.id, actor.tenantId)
    await identity.credentials.confirm(actor.id, password, from)
    return db.transaction().execute(async (trx) => {
      const factor = await secondFactors.beginIn(trx, actor)
      await log.recordIn(trx, audit)
      return factor
    })
  }

  /**
   * @returns the recovery codes, which are shown once
   * @throws ExpectedError `second_factor_wrong`, `second_factor_not_begun`, `second_factor_present`
   */
  async confirm({ actor, audit }: Asking, code: string): Promise<string[]> {
    const { db, audit: log, secondFactors } = this.#dependencies
    audit.about('user', actor.id, actor.tenantId)
    return db.transaction().execute(async (trx) => {
      const codes = await secondFactors.confirmIn(trx, actor.id, code)
      await log.recordIn(trx, audit)
      return codes
    })
  }

  /** @throws ExpectedError as `CredentialCheck.confirmBoth`, and `second_factor_absent` */
  async renewRecoveryCodes(asking: Asking, given: PasswordAndCode): Promise<string[]> {
    const { db, audit: log, secondFactors } = this.#dependencies
    await this.#requireBoth(asking, given)
    return db.transaction().execute(async (trx) => {
      const codes = await secondFactors.renewRecoveryCodesIn(trx, asking.actor.id)
      await log.recordIn(trx, asking.audit)
      return codes
    })
  }

  /** @throws ExpectedError as `renewRecoveryCodes`, and `second_factor_needed` */
  async remove(asking: Asking, given: PasswordAndCode): Promise<void> {
    const { db, audit: log, account, secondFactors } = this.#dependencies
    const { actor, audit } = asking
    audit.about('user', actor.id, actor.tenantId)
    if (await account.isFactorRequired(actor.id)) throw new ExpectedError('second_factor_needed')
    await this.#requireBoth(asking, given)
    await db.transaction().execute(async (trx) => {
      await secondFactors.eraseIn(trx, actor.id)
      await log.recordIn(trx, audit)
    })
  }

  async #requireBoth({ actor, from, audit }: Asking, given: PasswordAndCode): Promise<void> {
    const { identity, secondFactors } = this.#dependencies
    audit.about('user', actor.id, actor.tenantId)
    if ((await secondFactors.state(actor.id)).since === null) throw new ExpectedError('second_factor_absent')
    await identity.credentials.confirmBoth(actor.id, given, from)
  }
}
