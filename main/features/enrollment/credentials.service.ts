import { ExpectedError } from '#contract/errors.ts'
import { credentialsFileName } from '#contract/model/ids.ts'
import type { TenantScope } from '#features/access/index.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository } from '#features/fleet/index.ts'
import { type EndedHandover, type Handover, makeCredentialZip, type Pki } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { BrokerDirectory } from './broker-directory.ts'
import { publishCommand } from './publish-command.ts'

export interface CredentialsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  fleet: FleetService
  pki: Pki
  directory: BrokerDirectory
}

type GatewayRef = { gateway: string; tenant?: string | undefined }

/** A private key or secret made by the site is handed over once in effect: fetched, confirmed or proved, and erased. */
export class CredentialsService {
  readonly #dependencies: CredentialsDependencies

  constructor(dependencies: CredentialsDependencies) {
    this.#dependencies = dependencies
  }

  /** The credential again, while its key waits; each fetch is in the audit. @throws ExpectedError `not_found`, `credential_gone` */
  async fetch(
    scope: TenantScope,
    reference: GatewayRef,
    audit: AuditDraft,
  ): Promise<{ gateway: gatewaysRepository.GatewayRow; handover: Handover }> {
    const { db, fleet, pki, clock, audit: log } = this.#dependencies
    const gateway = await fleet.find(scope, reference)
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code })
    const handover = await db.transaction().execute(async (trx) => {
      const opened = await pki.openHandover(trx, gateway.id, clock.now())
      const serial = opened.kind === 'key' ? { serial: opened.serial } : {}
      audit.details = { ...audit.details, ...serial, fetch: opened.fetchCount, keyFetched: true }
      await log.recordIn(trx, audit)
      return opened
    })
    return { gateway, handover }
  }

  /** The ZIP of domain.md, with its file name. @throws ExpectedError `not_found`, `credential_gone` */
  async zip(
    scope: TenantScope,
    reference: GatewayRef,
    audit: AuditDraft,
  ): Promise<{ name: string; bytes: Buffer }> {
    const { gateway, handover } = await this.fetch(scope, reference, audit)
    return this.bundle(gateway, handover)
  }

  /** The ZIP of a hand-over that was fetched. */
  async bundle(
    gateway: gatewaysRepository.GatewayRow,
    handover: Handover,
  ): Promise<{ name: string; bytes: Buffer }> {
    const { directory, pki } = this.#dependencies
    const { id, mac, code, name, dialect, credential } = gateway
    const hosts = directory.hosts()
    const port = directory.portFor(credential)
    const clientId = directory.clientIdOf(gateway)
    const { example } = directory.wiringOf(gateway)
    const bytes = await makeCredentialZip({
      gateway: { id, mac, code, name },
      siteName: directory.siteName(),
      credential: handover,
      caPem: await pki.caPem(),
      issuedAt: handover.createdAt,
      mqtt: {
        hosts,
        port,
        clientId,
        dialect,
        topics: directory.topicsOf(gateway),
        ...directory.signInOf(gateway, handover),
      },
      command:
        example &&
        publishCommand({
          hosts,
          port,
          clientId,
          credential,
          example,
          username: directory.usernameOf(gateway),
          fingerprint: handover.kind === 'key' ? handover.fingerprint : null,
          secret: handover.kind === 'secret' ? handover.secret : null,
        }),
    })
    return { name: credentialsFileName(gateway), bytes }
  }

  /** The receiver has it: the key is erased for good. @throws ExpectedError `not_found`, `credential_gone` */
  async confirmReceived(scope: TenantScope, reference: GatewayRef, audit: AuditDraft): Promise<void> {
    const { db, fleet, pki, clock, audit: log } = this.#dependencies
    const gateway = await fleet.find(scope, reference)
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code })
    await db.transaction().execute(async (trx) => {
      const waiting = gateway.waitingCredentialId
      const ended = waiting !== null && (await pki.endHandover(trx, waiting, 'received', clock.now()))
      if (!ended) throw new ExpectedError('credential_gone', { code: gateway.code })
      await log.recordIn(trx, audit)
    })
    await this.#afterErasure([gateway.id])
  }

  /** Credentials were used in sessions: whoever has them, has them; the copies here go. */
  async proved(sessions: { fingerprint: string; secretId: string | null }[]): Promise<void> {
    const { db, pki, clock } = this.#dependencies
    const open: EndedHandover[] = []
    for (const { fingerprint, secretId } of sessions) {
      const found = await pki.openHandoverOf(secretId === null ? { fingerprint } : { secretId })
      if (found) open.push(found)
    }
    if (open.length === 0) return
    await db.transaction().execute(async (trx) => {
      for (const ended of open)
        if (await pki.endHandover(trx, ended.credentialId, 'session', clock.now()))
          await this.#recordEnd(trx, ended, 'session')
    })
    await this.#afterErasure(open.map(({ gatewayId }) => gatewayId))
  }

  /** Erases keys that waited 24 hours, each with its entry in the audit; call it every few minutes. */
  async expire(): Promise<void> {
    const { db, pki, clock } = this.#dependencies
    const expired = await db.transaction().execute(async (trx) => {
      const ended = await pki.expireHandovers(trx, clock.now())
      for (const one of ended) await this.#recordEnd(trx, one, 'expired')
      return ended
    })
    if (expired.length > 0) await this.#afterErasure(expired.map(({ gatewayId }) => gatewayId))
  }

  async #recordEnd(trx: SiteTrx, { credentialId, gatewayId }: EndedHandover, by: 'session' | 'expired') {
    const gateway = await gatewaysRepository.gatewayById(trx, { all: true }, gatewayId)
    const actor =
      by === 'session'
        ? { kind: 'gateway' as const, id: gatewayId, name: 'gateway' }
        : { kind: 'system' as const, id: null, name: 'millwright' }
    const draft = new AuditDraft({
      actor,
      action: `certificate.handover_${by}`,
      address: '',
      requestId: null,
    })
    draft.about('gateway', gatewayId, gateway?.tenantId ?? null, { credentialId })
    await this.#dependencies.audit.recordIn(trx, draft)
  }

  async #afterErasure(gatewayIds: string[]): Promise<void> {
    const { pki, fleet } = this.#dependencies
    await pki.eraseTrail()
    for (const gatewayId of new Set(gatewayIds)) await fleet.refresh(gatewayId)
  }
}
