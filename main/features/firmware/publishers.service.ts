import type { FirmwarePublisher } from '#contract/api/firmware.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { TenantRef } from '#contract/model/tenant-ref.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { listBundles } from './bundles.repository.ts'
import { keyFingerprint, parsePublisherKey } from './publisher-key.ts'
import * as repository from './publishers.repository.ts'

export interface PublishersDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
}

/** Of one tenant, or of the site. */
const MOST_PUBLISHERS = 100

interface FirmwareSettings {
  tenant: TenantRef
  signedOnly: boolean
}

/** Whose signature on firmware counts, and whether there must be one. */
export class PublishersService {
  readonly #dependencies: PublishersDependencies

  constructor(dependencies: PublishersDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `tenant_unknown` */
  async list(scope: TenantScope, tenant: string | undefined): Promise<FirmwarePublisher[]> {
    const { db, tenants } = this.#dependencies
    const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const signed = new Map<string, number>()
    for (const { publicKey } of await listBundles(db, scope, tenantId))
      if (publicKey !== null) signed.set(publicKey, (signed.get(publicKey) ?? 0) + 1)
    const rows = await repository.listPublishers(db, scope, tenantId)
    return rows.map((row) => viewOf(row, signed.get(row.publicKey) ?? 0))
  }

  /**
   * Of `tenant`, or of all of the site where a person of the site names none.
   * @throws ExpectedError `tenant_unknown`, `publisher_known`, `publisher_name_taken`, `publisher_key_invalid`, `too_many_publishers`
   */
  async add(
    scope: TenantScope,
    given: { name: string; publicKey: string; tenant?: string | undefined },
    audit: AuditDraft,
  ): Promise<FirmwarePublisher> {
    const { db, clock, audit: log, tenants } = this.#dependencies
    const { tenant } = given
    const tenantId = tenant === undefined && scope.all ? null : (await tenants.resolve(scope, tenant)).id
    const name = given.name.normalize('NFC')
    audit.about('firmware_publisher', 'new', tenantId, { name })
    const publicKey = parsePublisherKey(given.publicKey)
    const now = clock.now()
    const id = uuid7(now)
    await db.transaction().execute(async (trx) => {
      const others = await repository.publishersOf(trx, tenantId)
      const known = others.find((other) => other.publicKey === publicKey)
      if (known) throw new ExpectedError('publisher_known', { name: known.name })
      if (others.some((other) => other.name.toLowerCase() === name.toLowerCase()))
        throw new ExpectedError('publisher_name_taken', { name })
      if (others.length >= MOST_PUBLISHERS)
        throw new ExpectedError('too_many_publishers', { limit: MOST_PUBLISHERS })
      const addedByName = audit.subject.actor.name
      await repository.insertPublisher(trx, { id, tenantId, name, publicKey, addedAt: now, addedByName })
      const after = { name, publicKey, fingerprint: keyFingerprint(publicKey) }
      await log.recordIn(trx, audit.about('firmware_publisher', id, tenantId, { after }))
    })
    return this.#find(scope, id)
  }

  /** @throws ExpectedError `not_found`, `forbidden_reach` of one of the site */
  async remove(scope: TenantScope, id: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    const { name, publicKey, tenant } = await this.#find(scope, id)
    audit.about('firmware_publisher', id, tenant?.id ?? null, { before: { name, publicKey } })
    if (tenant === null && !scope.all) throw new ExpectedError('forbidden_reach')
    await db.transaction().execute(async (trx) => {
      await repository.deletePublisher(trx, id)
      await log.recordIn(trx, audit)
    })
  }

  /** @throws ExpectedError `tenant_unknown` */
  async settings(scope: TenantScope, tenant: string | undefined): Promise<FirmwareSettings> {
    const { db, tenants } = this.#dependencies
    const { id, slug, name } = await tenants.resolve(scope, tenant)
    return { tenant: { id, slug, name }, signedOnly: await repository.isSignedOnly(db, id) }
  }

  /** @throws ExpectedError `tenant_unknown` */
  async change(
    scope: TenantScope,
    { tenant, signedOnly }: { tenant?: string | undefined; signedOnly: boolean },
    audit: AuditDraft,
  ): Promise<FirmwareSettings> {
    const { db, audit: log } = this.#dependencies
    const before = await this.settings(scope, tenant)
    const { id } = before.tenant
    audit.about('tenant', id, id, { before: { signedOnly: before.signedOnly }, after: { signedOnly } })
    if (before.signedOnly === signedOnly) {
      audit.nothingChanged()
      return before
    }
    await db.transaction().execute(async (trx) => {
      await repository.setSignedOnly(trx, id, signedOnly)
      await log.recordIn(trx, audit)
    })
    return { ...before, signedOnly }
  }

  async #find(scope: TenantScope, id: string): Promise<FirmwarePublisher> {
    const found = (await this.list(scope, undefined)).find((one) => one.id === id)
    if (found === undefined) throw new ExpectedError('not_found', { what: 'publisher', id })
    return found
  }
}

function viewOf(row: repository.PublisherRow, bundles: number): FirmwarePublisher {
  const { id, tenantId, tenantSlug, tenantName, name, publicKey, addedAt, addedByName } = row
  return {
    id,
    tenant: tenantId === null ? null : { id: tenantId, slug: tenantSlug ?? '', name: tenantName ?? '' },
    name,
    publicKey,
    fingerprint: keyFingerprint(publicKey),
    addedAt: new Date(addedAt),
    addedBy: addedByName,
    bundles,
  }
}
