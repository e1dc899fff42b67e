import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import { wholeTenant } from '#features/access/index.ts'
import type { AuditActor, AuditDraft, AuditService } from '#features/audit/index.ts'
import type {
  BoxRequest,
  CsrKnocksService,
  EnrollmentOrder,
  EnrollmentService,
} from '#features/enrollment/index.ts'
import {
  type Csr,
  certsOnly,
  csrAttributes,
  csrRefused,
  deviceAuthorities,
  type Pki,
  readCsr,
} from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'
import { networkOf } from '#platform/limits/network-of.ts'
import { type EstPasswordRow, passwordByName, usePassword } from './est-passwords.repository.ts'
import { isPassword } from './one-time-password.ts'

export interface EstDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  pki: Pki
  enrollment: EnrollmentService
  csrKnocks: Pick<CsrKnocksService, 'ask'>
}

/** User name and password of HTTP Basic. RFC 7617 */
export interface BasicLogin {
  username: string
  password: string
}

const MINUTE = 60_000
/** Wrong passwords of one network; then it is told to wait. A right one is heard all the same. */
const WRONG = [20, 10 * MINUTE] as const

/** Enrollment over Secure Transport (RFC 7030): a box that knows a one-time password becomes a gateway. */
export class EstService {
  readonly #dependencies: EstDependencies
  readonly #wrong = new AttemptLimit(...WRONG)

  constructor(dependencies: EstDependencies) {
    this.#dependencies = dependencies
  }

  /** RFC 7030 4.1: what a client needs to trust the site and to build chains. @returns PKCS#7, DER */
  async authorities(): Promise<Buffer> {
    return certsOnly(await deviceAuthorities(this.#dependencies.db))
  }

  /** RFC 7030 4.5. @returns DER */
  attributes(): Buffer {
    return csrAttributes()
  }

  /**
   * RFC 7030 4.2.1. The same box that asks again, because the answer got lost, gets the same certificate again.
   *
   * @param login null: none was sent
   * @returns the certificate as PKCS#7, DER
   * @throws ExpectedError `est_password_refused`, `too_many_requests`, `csr_refused`, and what enrolling throws
   */
  async enroll(login: BasicLogin | null, csrText: string, audit: AuditDraft): Promise<Buffer> {
    const row = await this.#authenticate(login, audit)
    const csr = readCsr(csrText)
    audit.details = { ...audit.details, publicKeyHash: csr.publicKeyHash }
    if (row.usedAt !== null) return this.#again(row, csr, audit)
    const mac = macOf(csr, row)
    try {
      const { made } = await this.#dependencies.enrollment.enroll(
        orderOf(row, csr, mac),
        wholeTenant(row.tenantId),
        audit,
        async (trx, { gatewayId }) => {
          const { username } = row
          if (!(await usePassword(trx, { username, gatewayId, now: this.#dependencies.clock.now() })))
            throw new ExpectedError('est_password_refused')
        },
      )
      return await this.#certificateOf(made.gatewayId)
    } catch (error) {
      // The same password, sent twice at once: the other call used it.
      const isUsed = error instanceof ExpectedError && error.code === 'est_password_refused'
      const now = isUsed ? await passwordByName(this.#dependencies.db, row.username) : undefined
      if (!now || now.usedAt === null) throw error
      return this.#again(now, csr, audit)
    }
  }

  /**
   * For a box that knows no password: it waits like one that knocks, asking again with the same request.
   * @returns PKCS#7, DER; null: nobody has claimed it yet @throws ExpectedError as knocking
   */
  async ask(csrText: string, from: BoxRequest): Promise<Buffer | null> {
    const unsaid = { mac: null, label: null, deviceId: null, chip: null, firmware: null, hardware: null }
    const { csrKnocks } = this.#dependencies
    const pem = await csrKnocks.ask({ ...unsaid, csr: csrText, address: from.address }, from)
    return pem === null ? null : certsOnly([pem])
  }

  async #authenticate(login: BasicLogin | null, audit: AuditDraft): Promise<EstPasswordRow> {
    const { db, clock } = this.#dependencies
    const row = login ? await passwordByName(db, login.username) : undefined
    const isRight = login !== null && isPassword(row, login.password)
    if (row && isRight && row.expiresAt > clock.now()) {
      audit.subject = { ...audit.subject, actor: boxOf(row) }
      audit.about('est_login', row.username, row.tenantId)
      return row
    }
    // Who sends none asks what is wanted (RFC 7235 2.1), and guesses nothing.
    if (login !== null) this.#countWrong(audit.subject.address)
    throw new ExpectedError('est_password_refused')
  }

  /** @throws ExpectedError `too_many_requests` */
  #countWrong(address: string): void {
    const now = this.#dependencies.clock.now()
    const network = networkOf(address)
    const wait = this.#wrong.wait(network, now)
    if (wait > 0) throw new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1_000) })
    this.#wrong.fail(network, now)
  }

  /** @throws ExpectedError `est_password_refused` */
  async #again(row: EstPasswordRow, csr: Csr, audit: AuditDraft): Promise<Buffer> {
    const { db, audit: log } = this.#dependencies
    const certificate =
      row.gatewayId === null
        ? undefined
        : await db
            .selectFrom('certificates')
            .select(['serial', 'pem'])
            .where('gatewayId', '=', row.gatewayId)
            .where('publicKeyHash', '=', csr.publicKeyHash)
            .where('state', '=', 'active')
            // The one that it was used for, and none of a later renewal.
            .where('createdAt', '<=', row.usedAt ?? 0)
            .executeTakeFirst()
    if (!certificate || row.gatewayId === null) throw new ExpectedError('est_password_refused')
    audit.about('gateway', row.gatewayId, row.tenantId, { serial: certificate.serial, sentAgain: true })
    await log.record(audit, 'done')
    return certsOnly([certificate.pem])
  }

  /** RFC 7030 4.2.3: the certificate alone; what is above it comes with `cacerts`. */
  async #certificateOf(gatewayId: string): Promise<Buffer> {
    const { db, pki } = this.#dependencies
    const issued = await pki.gatewayCertificate(db, gatewayId)
    return certsOnly(issued ? [issued.certificatePem] : [])
  }
}

/** In the audit: the box, by what it was given. */
function boxOf({ username }: EstPasswordRow): AuditActor {
  return { kind: 'gateway', id: null, name: username }
}

/** The request may name the box by its MAC or by the code that waits for it, or not at all. @throws ExpectedError `csr_refused` */
function macOf({ commonNames, alternativeNames }: Csr, { mac, code }: EstPasswordRow): string | null {
  let found = mac
  for (const name of [...commonNames, ...alternativeNames]) {
    const asMac = normalizeMac(name)
    const isOwn =
      asMac === null ? name.toLowerCase() === code?.toLowerCase() : found === null || asMac === found
    if (!isOwn)
      throw csrRefused(
        'name_foreign',
        `it names "${name.slice(0, 80)}", which is not the box that its one-time password was made for`,
      )
    found ??= asMac
  }
  return found
}

function orderOf(row: EstPasswordRow, csr: Csr, mac: string | null): EnrollmentOrder {
  return {
    mac,
    code: row.code,
    name: row.name,
    tenant: row.tenantId,
    group: row.groupId ?? undefined,
    profile: row.profileId ?? undefined,
    label: undefined,
    dialect: undefined,
    credential: undefined,
    keyAlgorithm: undefined,
    publicKey: csr.publicKey,
    // Whoever made the password named the box: it may be one that was reset.
    replace: row.mac !== null,
    reason: 'enrolled by EST',
  }
}
