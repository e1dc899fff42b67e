import { randomUUID } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'
import { FairTurns } from '#platform/limits/fair-turns.ts'
import { networkOf } from '#platform/limits/network-of.ts'
import { holderOf } from './account.repository.ts'
import type { Caller } from './credential-check.ts'
import { normalizeEmail } from './email.ts'
import { insertUser } from './identity.repository.ts'
import type { PasswordHashes } from './password-hashes.ts'
import { checkPassword } from './password-policy.ts'
import type { SignInSettingsService } from './sign-in-settings.ts'
import { normalizeUsername } from './username.ts'

const HOUR = 60 * 60_000

export const registrationLimits = {
  /** From one network; labels are too short to be guessed at this pace. */
  network: [10, HOUR],
  /** From everywhere. */
  site: [300, HOUR],
  waiting: { most: 16, mostOfKey: 2 },
} as const

export interface Registration {
  username: string
  email: string
  password: string
  /** The label printed on the gateway, such as `ESP-A1B2C3`. */
  deviceId: string
}

/** A gateway that waits for an owner. */
export interface FreeGateway {
  id: string
  tenantId: string
  label: string
}

/** What the fleet lends: gateways by their labels. */
export interface OwnerlessGateways {
  /** A gateway with this label, claimed and without an owner; undefined where there is none, for whatever reason. */
  findFree(trx: SiteTrx, label: string): Promise<FreeGateway | undefined>
  /** Of the gateway and its open assignment. */
  setOwner(trx: SiteTrx, gatewayId: string, userId: string): Promise<void>
  /** Once that is on disk: everyone who asks is told of it. */
  ownerChanged(gatewayId: string): Promise<void>
}

export interface RegistrationDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  hashes: PasswordHashes
  settings: SignInSettingsService
  gateways: OwnerlessGateways
  siteName(): string
}

/**
 * People who make an account for themselves with the label of a gateway (003), where the site lets them. Whether a
 * label exists, is taken, or an e-mail address has an account already is one answer, after the same work.
 */
export class RegistrationService {
  readonly #dependencies: RegistrationDependencies
  readonly #ofNetwork = new AttemptLimit(...registrationLimits.network)
  readonly #ofSite = new AttemptLimit(...registrationLimits.site)
  /** Argon2id of each takes 19 MiB and a core. */
  readonly #turns = new FairTurns(registrationLimits.waiting)

  constructor(dependencies: RegistrationDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * @throws ExpectedError `registration_closed`, `too_many_requests`, `username_invalid`, `email_invalid`, as
   * `checkPassword`; `registration_refused`; and with a label that is good `username_taken`
   */
  async register(
    asked: Registration,
    from: Caller,
    audit: AuditDraft,
  ): Promise<{ userId: string; deviceId: string; username: string }> {
    const { hashes, settings, siteName } = this.#dependencies
    if (!settings.current.registration.isOpen) throw new ExpectedError('registration_closed')
    const network = networkOf(from.address)
    this.#countAttempt(network)
    const username = normalizeUsername(asked.username)
    const email = normalizeEmail(asked.email)
    const owner = { email, username, siteName: siteName() }
    checkPassword(asked.password, owner, settings.current.passwordClasses)
    // Before anything is looked up: whoever asks must not tell by the time what was found.
    const turn = await this.#turns.take({ key: network, rank: 0 }, () => hashes.make(asked.password))
    if (turn === null) throw new ExpectedError('too_many_requests', { seconds: 5 })
    const label = asked.deviceId.trim().normalize('NFKC').toUpperCase()
    return this.#create({ username, email, label, passwordHash: turn.value }, audit)
  }

  #countAttempt(network: string): void {
    const now = this.#dependencies.clock.now()
    const wait = Math.max(this.#ofNetwork.wait(network, now), this.#ofSite.wait('site', now))
    if (wait > 0) throw new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1000) })
    this.#ofNetwork.fail(network, now)
    this.#ofSite.fail('site', now)
  }

  async #create(
    {
      username,
      email,
      label,
      passwordHash,
    }: { username: string; email: string; label: string; passwordHash: string },
    audit: AuditDraft,
  ) {
    const { db, clock, audit: log, gateways, settings } = this.#dependencies
    const now = clock.now()
    // Random throughout: the time in a UUIDv7 would be told to whoever sees the id.
    const id = randomUUID()
    const gateway = await db.transaction().execute(async (trx) => {
      const found = await gateways.findFree(trx, label)
      const emailHolder = await holderOf(trx, 'email', email)
      const usernameHolder = await holderOf(trx, 'username', username)
      if (found === undefined || emailHolder !== null) throw new ExpectedError('registration_refused')
      if (usernameHolder !== null) throw new ExpectedError('username_taken', { username })
      await insertUser(trx, {
        id,
        email,
        emailOwn: 1,
        username,
        name: username,
        passwordHash,
        siteAdmin: 0,
        state: 'active',
        createdAt: now,
        passwordChangedAt: now,
      })
      const roleId = settings.current.registration.role
      const { tenantId } = found
      await trx
        .insertInto('memberships')
        .values({ userId: id, tenantId, roleId, reach: 'own', createdAt: now })
        .execute()
      await gateways.setOwner(trx, found.id, id)
      audit.about('user', id, tenantId, { gateway: found.label, role: roleId })
      await log.recordIn(trx, audit.personal({ username, email }, id))
      return found
    })
    await gateways.ownerChanged(gateway.id)
    return { userId: id, deviceId: gateway.label, username }
  }
}
