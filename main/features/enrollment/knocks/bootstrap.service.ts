import { ExpectedError } from '#contract/errors.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository } from '#features/fleet/index.ts'
import type { Handover, Pki } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { BrokerDirectory } from '../broker-directory.ts'
import type { EnrollmentService } from '../enrollment.service.ts'
import type { KnockBook, KnockRow } from './knock-book.ts'
import { deliverKnock } from './knocks.repository.ts'

export interface BootstrapDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  book: KnockBook
  fleet: FleetService
  pki: Pki
  enrollment: Pick<EnrollmentService, 'answer'>
  directory: Pick<BrokerDirectory, 'hosts' | 'topicsOf'>
}

/** Where a request of a box came from. */
export interface BoxRequest {
  address: string
  requestId: string
  path: string
}

/** Who fetches: the box itself, as far as anybody can tell. */
export interface Fetch extends BoxRequest {
  action: string
}

type GatewayRow = gatewaysRepository.GatewayRow

/** A certificate for a box's own key can be fetched for as long as a key made here, ms. */
const FETCH_LIFE = 24 * 60 * 60_000

/** What a box that knocked is told, and how it gets what was made for it. */
export class BootstrapService {
  readonly #dependencies: BootstrapDependencies

  constructor(dependencies: BootstrapDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * What a box with this poll secret has to know: it waits (with another activation token where the one before has ended), or
   * it was claimed.
   *
   * @throws ExpectedError `knock_gone`
   */
  async poll(
    pollSecret: string,
  ): Promise<{ row: KnockRow; token: { token: string; endsAt: number } | null }> {
    const { book, clock } = this.#dependencies
    const row = await this.#holder(pollSecret)
    if (row.state === 'claimed') {
      await this.#requireOpen(row)
      return { row, token: null }
    }
    if (row.state !== 'waiting') throw new ExpectedError('knock_gone')
    book.heard(row.id)
    const hasEnded = row.tokenExpiresAt !== null && row.tokenExpiresAt <= clock.now()
    return { row, token: hasEnded ? await book.renewToken(row) : null }
  }

  /** The credential of a claimed box, as often as it asks until the hand-over ends. @throws ExpectedError `knock_gone` */
  async credential(pollSecret: string, from: BoxRequest) {
    const row = await this.#holder(pollSecret)
    return this.fetch(row, { ...from, action: 'credential.fetch' })
  }

  /** What was made for a claimed box. Each fetch is in the audit. @throws ExpectedError `knock_gone` */
  async fetch(row: KnockRow, from: Fetch) {
    const { db, audit, pki } = this.#dependencies
    const gateway = await this.#gatewayOf(row)
    const handover = await db.transaction().execute(async (trx) => {
      const opened = await this.#open(trx, row, gateway)
      const draft = this.#draft(from, gateway, {
        knock: row.id,
        unproven: row.pollSecretHash === null,
        fetch: opened.fetchCount,
        keyFetched: row.csr === null,
        ...(opened.kind === 'key' && { serial: opened.serial }),
      })
      await audit.recordIn(trx, draft)
      return opened
    })
    return { gateway, handover, answer: this.#answer(gateway, handover, await pki.caPem()) }
  }

  /** The box has it: what waited here is erased for good. @throws ExpectedError `knock_gone` */
  async received(pollSecret: string, from: BoxRequest): Promise<void> {
    const { db, clock, audit, pki, fleet, book } = this.#dependencies
    const row = await this.#holder(pollSecret)
    // Its last answer was lost on the way.
    if (row.state === 'delivered') return
    const gateway = await this.#gatewayOf(row)
    await db.transaction().execute(async (trx) => {
      const now = clock.now()
      if (row.state !== 'claimed' || !(await this.#hasEndedWell(trx, row, now)))
        throw new ExpectedError('knock_gone')
      await deliverKnock(trx, row.id, now)
      await audit.recordIn(
        trx,
        this.#draft({ ...from, action: 'credential.received' }, gateway, { knock: row.id }),
      )
    })
    await pki.eraseTrail()
    await fleet.refresh(gateway.id)
    book.changed.emit('knocks')
  }

  /** Ends a hand-over, or finds that its credential was proved before; not that it ran out or was replaced. */
  async #hasEndedWell(trx: SiteTrx, { credentialId, csr }: KnockRow, now: number): Promise<boolean> {
    if (csr !== null || credentialId === null) return csr !== null
    const { pki } = this.#dependencies
    if (await pki.endHandover(trx, credentialId, 'received', now)) return true
    const ended = await trx
      .selectFrom('handovers')
      .select('endedBy')
      .where('credentialId', '=', credentialId)
      .executeTakeFirst()
    return ended?.endedBy === 'received' || ended?.endedBy === 'session'
  }

  async #holder(pollSecret: string): Promise<KnockRow> {
    const row = await this.#dependencies.book.byPollSecret(pollSecret)
    if (!row) throw new ExpectedError('knock_gone')
    return row
  }

  /** Whether there is something to fetch, without opening it. @throws ExpectedError `knock_gone` */
  async #requireOpen(row: KnockRow): Promise<void> {
    const { db, clock } = this.#dependencies
    const now = clock.now()
    if (row.csr !== null) {
      const gateway = await this.#gatewayOf(row)
      if (!isFresh(row, gateway, now)) throw new ExpectedError('knock_gone')
      return
    }
    const open = await db
      .selectFrom('handovers')
      .select('credentialId')
      .where('credentialId', '=', row.credentialId)
      .where('endedAt', 'is', null)
      .where('expiresAt', '>', now)
      .executeTakeFirst()
    if (!open) throw new ExpectedError('knock_gone')
  }

  async #open(trx: SiteTrx, row: KnockRow, gateway: GatewayRow): Promise<Handover> {
    const { pki, clock } = this.#dependencies
    if (row.state !== 'claimed') throw new ExpectedError('knock_gone')
    const now = clock.now()
    if (row.csr === null) {
      const opened = await pki.openHandover(trx, gateway.id, now).catch(goneInstead)
      // Another enrollment has made another one since: that is not for this box.
      if (opened.credentialId !== row.credentialId) throw new ExpectedError('knock_gone')
      return opened
    }
    const issued = await pki.gatewayCertificate(trx, gateway.id)
    if (issued?.state !== 'active' || !isFresh(row, gateway, now)) throw new ExpectedError('knock_gone')
    const { certificatePem, serial, fingerprint, notAfter } = issued
    const claimedAt = row.claimedAt ?? now
    return {
      kind: 'key',
      credentialId: row.credentialId ?? '',
      certificatePem,
      privateKeyPem: '',
      serial,
      fingerprint,
      notAfter,
      createdAt: claimedAt,
      expiresAt: claimedAt + FETCH_LIFE,
      fetchCount: 1,
    }
  }

  async #gatewayOf({ gatewayId }: KnockRow): Promise<GatewayRow> {
    const { db } = this.#dependencies
    const gateway =
      gatewayId === null ? undefined : await gatewaysRepository.gatewayById(db, { all: true }, gatewayId)
    if (!gateway) throw new ExpectedError('knock_gone')
    return gateway
  }

  #answer(gateway: GatewayRow, handover: Handover, caPem: string) {
    const { enrollment, directory } = this.#dependencies
    const { private_key_pem, ...answer } = enrollment.answer(gateway, handover, caPem)
    return {
      ...answer,
      // A box that made its own key keeps it.
      private_key_pem: private_key_pem || null,
      name: gateway.name,
      credential: gateway.credential,
      dialect: gateway.dialect,
      mqtt_hosts: directory.hosts(),
      mqtt_topics: directory.topicsOf(gateway),
      fetch_until: new Date(handover.expiresAt),
    }
  }

  #draft({ action, address, requestId, path }: Fetch, gateway: GatewayRow, details: Record<string, unknown>) {
    const actor = { kind: 'gateway' as const, id: gateway.id, name: gateway.code }
    const draft = new AuditDraft({ actor, action, address, requestId, path })
    return draft.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code, ...details })
  }
}

/** Of a box with its own key: its certificate is still to be fetched. */
function isFresh({ claimedAt }: KnockRow, { activatedAt }: GatewayRow, now: number): boolean {
  return (
    claimedAt !== null && claimedAt + FETCH_LIFE > now && (activatedAt === null || activatedAt < claimedAt)
  )
}

function goneInstead(error: unknown): never {
  if (error instanceof ExpectedError && ['credential_gone', 'not_found'].includes(error.code))
    throw new ExpectedError('knock_gone', {}, { cause: error })
  throw error
}
