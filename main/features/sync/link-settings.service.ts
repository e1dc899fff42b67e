import { ExpectedError } from '#contract/errors.ts'
import type { CloudLimits, CloudLogin, CloudTenantChoice } from '#contract/model/cloud.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import type { FleetPart } from './cloud-parts.ts'
import { adopt } from './link/cloud-calls.ts'
import type { CloudLink } from './link/cloud-link.ts'
import { addressOf, destinationOf, destinationOfLink, sealLogin } from './link/cloud-login.ts'
import { lookAt } from './link/cloud-look.ts'
import { newToken } from './link/handshake.ts'
import * as repository from './link/link.repository.ts'
import { withCloud } from './link/one-connection.ts'
import { sameCloud } from './link/open-session.ts'
import type { TenantChoices } from './tenant-choices.ts'

export interface LinkSettingsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  sealer(): Sealer
  link: CloudLink
  fleet: Pick<FleetPart, 'queueAll'>
  choices: TenantChoices
}

export type LimitChanges = { [K in keyof CloudLimits]?: CloudLimits[K] | undefined }

/** What a person changes of a link that there is. Each @throws ExpectedError `cloud_not_joined` */
export class LinkSettingsService {
  readonly #dependencies: LinkSettingsDependencies

  constructor(dependencies: LinkSettingsDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `cloud_leaving`, `tenant_unknown`, `cloud_tenant_linked`, `cloud_tenant_sent` */
  async setTenants(choices: readonly CloudTenantChoice[], by: string, audit: AuditDraft): Promise<void> {
    const row = await this.#joined()
    if (row.leavingAt !== null) throw new ExpectedError('cloud_leaving', { host: row.host })
    const checked = await this.#dependencies.choices.checked(choices)
    await this.#write(audit, row, async (trx) => {
      await this.#dependencies.choices.put(trx, checked, by)
      return {
        tenants: checked.map(({ tenantId, mode, fromAt, cloudTenantId, before }) => ({
          tenantId,
          before,
          after: { mode, fromAt, cloudTenantId },
        })),
      }
    })
    this.#dependencies.link.refresh()
  }

  async setLimits(changes: LimitChanges, audit: AuditDraft): Promise<void> {
    const row = await this.#joined()
    const before = limitsOf(row)
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const after: CloudLimits = { ...before, ...given }
    await this.#write(audit, row, async (trx) => {
      await repository.updateLink(trx, {
        bytesPerSecond: after.bytesPerSecond,
        windowFrom: after.window?.from ?? null,
        windowTo: after.window?.to ?? null,
        sendsPasswordHashes: after.sendsPasswordHashes ? 1 : 0,
        takesTenants: after.takesTenants ? 1 : 0,
      })
      // The people are sent again: with their hashes, or without, so that the cloud forgets them.
      if (before.sendsPasswordHashes !== after.sendsPasswordHashes)
        for (const { tenantId, mode } of await repository.tenantRows(trx))
          if (mode !== 'off') await this.#dependencies.fleet.queueAll(tenantId, trx)
      return { before, after }
    })
    this.#dependencies.link.refresh()
  }

  /** Tried first: it must be the same cloud, and the same site in it. @throws ExpectedError `cloud_…` */
  async setLogin(login: CloudLogin, audit: AuditDraft): Promise<void> {
    const { db, clock, sealer, link } = this.#dependencies
    const row = await this.#joined()
    const destination = destinationOf(login)
    const { caCertificate: _before, ...before } = addressOf(row)
    const { caCertificate, ...after } = addressOf(destination)
    audit.about('cloud', destination.host, null, { before, after, ownCa: caCertificate !== null })
    await withCloud(destination, 'trying the new login', async (connection) =>
      sameCloud(
        { ...row, host: destination.host, username: destination.username },
        await lookAt(connection, destination),
      ),
    )
    await db.transaction().execute(async (trx) => {
      const columns = await sealLogin(trx, { destination, sealer: sealer(), now: clock.now() })
      const present = await repository.linkRow(trx)
      if (present === undefined) throw new ExpectedError('cloud_not_joined')
      await repository.updateLink(trx, columns)
      await repository.deleteSealed(trx, present.sealedSecretId)
      await this.#dependencies.audit.recordIn(trx, audit)
    })
    link.restart()
  }

  async pause(audit: AuditDraft): Promise<void> {
    const row = await this.#joined()
    await this.#write(audit, row, async (trx) => {
      await repository.updateLink(trx, { paused: 1 })
      return {}
    })
    this.#dependencies.link.restart('paused')
  }

  /** Goes on, or tries again at once. */
  async resume(audit: AuditDraft): Promise<void> {
    const row = await this.#joined()
    await this.#write(audit, row, async (trx) => {
      await repository.updateLink(trx, { paused: 0 })
      return {}
    })
    this.#dependencies.link.restart()
  }

  /** Of two copies of this site this one stays: the other one stops. @throws ExpectedError `cloud_…` */
  async keepThis(audit: AuditDraft): Promise<void> {
    const { db, sealer, link } = this.#dependencies
    const row = await this.#joined()
    const destination = await destinationOfLink(db, row, sealer())
    // On disk before the cloud has it, so that a power cut in between does not make this the wrong copy.
    const token = row.pendingToken ?? newToken()
    await repository.updateLink(db, { pendingToken: token })
    await withCloud(destination, 'becoming the linked copy', async (connection) => {
      sameCloud(row, await lookAt(connection, destination))
      await adopt(connection, row.siteId, token)
    })
    await this.#write(audit, row, async (trx) => {
      // The cloud has seen it just now.
      await repository.updateLink(trx, { stoppedBy: null, stoppedData: null, cloudSeenAt: null })
      return {}
    })
    link.restart()
  }

  async #joined(): Promise<repository.LinkRow> {
    const row = await repository.linkRow(this.#dependencies.db)
    if (row === undefined) throw new ExpectedError('cloud_not_joined')
    return row
  }

  async #write(
    audit: AuditDraft,
    { host }: repository.LinkRow,
    work: (trx: SiteTrx) => Promise<Record<string, unknown>>,
  ): Promise<void> {
    const { db, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      audit.about('cloud', host, null, { host, ...(await work(trx)) })
      await log.recordIn(trx, audit)
    })
  }
}

export function limitsOf(row: repository.LinkRow): CloudLimits {
  const { windowFrom: from, windowTo: to } = row
  return {
    bytesPerSecond: row.bytesPerSecond,
    window: from === null || to === null ? null : { from, to },
    sendsPasswordHashes: row.sendsPasswordHashes === 1,
    takesTenants: row.takesTenants === 1,
  }
}
