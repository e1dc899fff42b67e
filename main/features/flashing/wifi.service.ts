import type { WifiNetwork } from '#contract/api/bench.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import * as repository from './wifi.repository.ts'

/** Under which key passwords are sealed. */
const PURPOSE = 'wifi-password'
const NETWORKS_PER_TENANT = 100

export interface WifiDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  sealer(): Sealer
}

/** Networks that boards are told of. Passwords are sealed, and leave only into a board. */
export class WifiService {
  readonly #dependencies: WifiDependencies

  constructor(dependencies: WifiDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `tenant_unknown` */
  async list(scope: TenantScope, tenant: string | undefined): Promise<WifiNetwork[]> {
    const { db, tenants } = this.#dependencies
    const { id } = await tenants.resolve(scope, tenant)
    return (await repository.listNetworks(db, scope, id)).map(view)
  }

  /** One of this name gets the new password. @throws ExpectedError `tenant_unknown`, `wifi_invalid` */
  async add(
    scope: TenantScope,
    { tenant, ssid, password }: { tenant?: string | undefined; ssid: string; password: string },
    audit: AuditDraft,
  ): Promise<WifiNetwork> {
    const { db, clock, tenants, sealer, audit: log } = this.#dependencies
    const { id: tenantId } = await tenants.resolve(scope, tenant)
    audit.about('wifi_network', ssid, tenantId, { ssid })
    checkNetwork(ssid, password)
    const createdAt = clock.now()
    const row = await db.transaction().execute(async (trx) => {
      const known = await repository.networkNamed(trx, tenantId, ssid)
      const all = known ? [] : await repository.listNetworks(trx, scope, tenantId)
      if (all.length >= NETWORKS_PER_TENANT)
        throw new ExpectedError('wifi_invalid', {
          problem: `there are ${NETWORKS_PER_TENANT} networks already, remove one first`,
        })
      const id = known?.id ?? uuid7(createdAt)
      const sealedSecretId = password === '' ? null : uuid7(createdAt)
      if (sealedSecretId !== null) {
        const box = sealer().seal(PURPOSE, sealedSecretId, Buffer.from(password))
        await repository.insertSealed(trx, { id: sealedSecretId, purpose: PURPOSE, box, createdAt })
      }
      const createdByName = audit.subject.actor.name
      const made = { id, tenantId, ssid, sealedSecretId, createdAt, createdByName }
      if (known) {
        await repository.updateNetwork(trx, id, { sealedSecretId, createdAt, createdByName })
        await this.#unseal(trx, known)
      } else await repository.insertNetwork(trx, made)
      await log.recordIn(
        trx,
        audit.about('wifi_network', id, tenantId, { ssid, hasPassword: password !== '', changed: !!known }),
      )
      return made
    })
    return view(row)
  }

  /** @throws ExpectedError `not_found` */
  async remove(scope: TenantScope, id: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    const row = await this.require(scope, id)
    audit.about('wifi_network', id, row.tenantId, { ssid: row.ssid })
    await db.transaction().execute(async (trx) => {
      await repository.deleteNetwork(trx, id)
      await this.#unseal(trx, row)
      await log.recordIn(trx, audit)
    })
  }

  /** @throws ExpectedError `not_found`, also out of scope */
  async require(scope: TenantScope, id: string): Promise<repository.WifiRow> {
    const row = await repository.networkById(this.#dependencies.db, scope, id)
    if (!row) throw new ExpectedError('not_found', { what: 'Wi-Fi network', id })
    return row
  }

  /** Name and password, for a board and nobody else. @throws ExpectedError `not_found`, `data_damaged` */
  async open(scope: TenantScope, id: string): Promise<{ ssid: string; password: string }> {
    const { ssid, sealedSecretId } = await this.require(scope, id)
    if (sealedSecretId === null) return { ssid, password: '' }
    const { db, sealer } = this.#dependencies
    const box = await repository.sealedBox(db, sealedSecretId)
    if (box === null)
      throw new ExpectedError('data_damaged', { file: 'site store', cause: 'a Wi-Fi password is missing' })
    const opened = sealer().open(PURPOSE, sealedSecretId, box)
    const password = opened.toString('utf8')
    opened.fill(0)
    return { ssid, password }
  }

  /** Its rows go with the tenant; sealed passwords go first. */
  async forgetTenant(tenantId: string): Promise<void> {
    const { db } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      for (const row of await repository.listNetworks(trx, { all: true }, tenantId)) {
        await repository.deleteNetwork(trx, row.id)
        await this.#unseal(trx, row)
      }
    })
  }

  async #unseal(trx: SiteTrx, { sealedSecretId }: repository.WifiRow): Promise<void> {
    if (sealedSecretId !== null) await repository.deleteSealed(trx, sealedSecretId)
  }
}

/** IEEE 802.11: an SSID has at most 32 bytes; WPA2 passphrases 8 to 63 characters, or the key as 64 hex digits. */
function checkNetwork(ssid: string, password: string): void {
  const refuse = (problem: string): never => {
    throw new ExpectedError('wifi_invalid', { problem })
  }
  if (Buffer.byteLength(ssid) > 32) refuse('the name has more than 32 bytes')
  if ([...ssid].some((char) => char < ' ')) refuse('the name has a control character')
  if (password === '' || /^[0-9a-f]{64}$/i.test(password)) return
  if (!/^[\x20-\x7e]{8,63}$/.test(password))
    refuse('the password needs 8 to 63 letters, digits and signs of ASCII, or 64 hex digits')
}

function view({
  id,
  tenantId,
  ssid,
  sealedSecretId,
  createdAt,
  createdByName,
}: repository.WifiRow): WifiNetwork {
  return {
    id,
    tenantId,
    ssid,
    hasPassword: sealedSecretId !== null,
    createdAt: new Date(createdAt),
    createdBy: createdByName,
  }
}
