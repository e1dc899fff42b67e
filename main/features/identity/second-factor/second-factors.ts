import { ExpectedError } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { isRecoveryCode, newRecoveryCodes, plainCode, recoveryCodeHash } from './recovery-codes.ts'
import * as repository from './second-factor.repository.ts'
import { newSeed, seedText, stepOfCode, totpUri } from './totp.ts'

/** Of the sealed seeds. */
const PURPOSE = 'second-factor'

export interface SecondFactorsDependencies {
  db: SiteDb
  clock: Clock
  sealer(): Sealer
  siteName(): string
}

/** What is shown of a new factor, once. */
export interface NewFactor {
  /** Base32. */
  secret: string
  uri: string
}

/**
 * People's second factors: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost. Limits on
 * guessing are those of passwords: callers check codes inside `CredentialCheck.guarded`.
 */
export class SecondFactors {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #sealer: () => Sealer
  readonly #siteName: () => string

  constructor({ db, clock, sealer, siteName }: SecondFactorsDependencies) {
    this.#db = db
    this.#clock = clock
    this.#sealer = sealer
    this.#siteName = siteName
  }

  /** Begins anew: it counts for nothing until a first code was right. @throws ExpectedError `second_factor_present` */
  async beginIn(trx: SiteTrx, user: { id: string; email: string }): Promise<NewFactor> {
    const existing = await repository.secondFactorOf(trx, user.id)
    if (typeof existing?.confirmedAt === 'number') throw new ExpectedError('second_factor_present')
    const seed = newSeed()
    const createdAt = this.#clock.now()
    const sealedSecretId = uuid7(createdAt)
    const box = this.#sealer().seal(PURPOSE, sealedSecretId, seed)
    await repository.insertSecondFactor(trx, {
      userId: user.id,
      sealedSecretId,
      purpose: PURPOSE,
      box,
      createdAt,
    })
    return {
      secret: seedText(seed),
      uri: totpUri(seed, { site: this.#siteName() || 'Millwright', account: user.email }),
    }
  }

  /**
   * Turns it on with a first code.
   * @returns the recovery codes, which are shown once
   * @throws ExpectedError `second_factor_not_begun`, `second_factor_present`, `second_factor_wrong`
   */
  async confirmIn(trx: SiteTrx, userId: string, code: string): Promise<string[]> {
    const factor = await repository.secondFactorOf(trx, userId)
    if (factor === undefined) throw new ExpectedError('second_factor_not_begun')
    if (factor.confirmedAt !== null) throw new ExpectedError('second_factor_present')
    const now = this.#clock.now()
    const step = stepOfCode(this.#seedOf(factor), plainCode(code), now, null)
    if (step === null) throw new ExpectedError('second_factor_wrong')
    await repository.confirmSecondFactor(trx, userId, { confirmedAt: now, lastStep: step })
    return this.renewRecoveryCodesIn(trx, userId)
  }

  /** New recovery codes in place of the old. */
  async renewRecoveryCodesIn(trx: SiteTrx, userId: string): Promise<string[]> {
    const codes = newRecoveryCodes()
    const hashes = codes.map((code) => recoveryCodeHash(userId, plainCode(code)))
    await repository.replaceRecoveryCodes(trx, userId, hashes)
    return codes
  }

  /** Erases seed and recovery codes. @returns whether there was a factor */
  eraseIn(trx: SiteTrx, userId: string): Promise<boolean> {
    return repository.eraseSecondFactor(trx, userId)
  }

  /**
   * Asks for the code of those who have a factor, and uses it up: a code counts once.
   * @throws ExpectedError `second_factor_required` without one, `second_factor_wrong`
   */
  async require(userId: string, code: string | undefined): Promise<void> {
    const factor = await repository.secondFactorOf(this.#db, userId)
    if (factor === undefined || factor.confirmedAt === null) return
    const plain = plainCode(code ?? '')
    if (plain === '') throw new ExpectedError('second_factor_required')
    if (!(await this.#take(factor, plain))) throw new ExpectedError('second_factor_wrong')
  }

  async #take(factor: Factor, plain: string): Promise<boolean> {
    const { userId, lastStep } = factor
    const now = this.#clock.now()
    if (isRecoveryCode(plain)) {
      const codeHash = recoveryCodeHash(userId, plain)
      return repository.takeRecoveryCode(this.#db, { userId, codeHash, usedAt: now })
    }
    const step = stepOfCode(this.#seedOf(factor), plain, now, lastStep)
    return step !== null && (await repository.takeStep(this.#db, userId, step))
  }

  /** Since when there is one, ms, and how many recovery codes are left. */
  async state(userId: string): Promise<{ since: number | null; recoveryCodesLeft: number }> {
    const factor = await repository.secondFactorOf(this.#db, userId)
    return {
      since: factor?.confirmedAt ?? null,
      recoveryCodesLeft: await repository.recoveryCodesLeft(this.#db, userId),
    }
  }

  #seedOf({ sealedSecretId, box }: Factor): Uint8Array {
    return this.#sealer().open(PURPOSE, sealedSecretId, box)
  }
}

type Factor = NonNullable<Awaited<ReturnType<typeof repository.secondFactorOf>>>
