import type { Retention } from '#contract/api/retention.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { RetentionClass } from '#contract/model/retention.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Historian, StoredFile } from '#platform/historian/historian.ts'
import { isQuotaClass, neededQuotaClasses } from './quota-classes.ts'
import {
  countChannelChoices,
  deleteClass,
  insertClass,
  insertQuotaClasses,
  listClasses,
  listSeriesChoices,
  listStorageQuotas,
  listTenantChoices,
  readPolicy,
  setTenantClass,
  updateClass,
  updatePolicy,
} from './retention.repository.ts'
import { type PolicyChoices, policyOf, type SeriesChoice } from './retention-policy.ts'

/** Each class is a file a month. */
const MOST_CLASSES = 32
/** Channels come by the hundred when a fleet is new: the first is told of at once, those after it together, ms. */
const SETTLE = 250

export interface RetentionDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  historian: Pick<Historian, 'setRetention'>
  /** The channels of now, those of the last second included. */
  channels(): SeriesChoice[]
  /** The store's files, as they were last looked at. */
  files(): readonly StoredFile[]
  /** The store's files of now. */
  measureFiles(): Promise<readonly StoredFile[]>
}

/** How long readings are kept: classes, who chose which, the disk budget; and telling the historian. */
export class RetentionService {
  readonly #dependencies: RetentionDependencies
  #choices: PolicyChoices | null = null
  #timer: NodeJS.Timeout | null = null
  /** Channels came since they were told of. */
  #more = false

  constructor(dependencies: RetentionDependencies) {
    this.#dependencies = dependencies
  }

  /** Before the historian starts, so that it never deletes by a rule that is not the site's. */
  async start(): Promise<void> {
    const { db, historian } = this.#dependencies
    this.#choices = await this.#read()
    historian.setRetention(policyOf(this.#choices, await listSeriesChoices(db)))
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** There is a channel that was not there before, or one has another class. */
  channelsChanged(): void {
    if (this.#timer !== null) {
      this.#more = true
      return
    }
    this.#tell()
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.#more) this.channelsChanged()
    }, SETTLE)
  }

  /** A tenant has another quota of storage days, or is gone. */
  async tenantsChanged(): Promise<void> {
    this.#choices = await this.#read()
    this.#tell()
  }

  /** Those that people made, to choose from. */
  get ownClasses(): RetentionClass[] {
    return this.choices.classes.filter(({ id }) => !isQuotaClass(id))
  }

  get choices(): PolicyChoices {
    if (this.#choices === null) throw new ExpectedError('site_stopping')
    return this.#choices
  }

  /** @throws ExpectedError `not_found` */
  mustExist(id: string): void {
    this.#class(id)
  }

  async show(): Promise<Retention> {
    const { db, files } = this.#dependencies
    const { defaultClass, budgetBytes } = this.choices
    const tenants = await listTenantChoices(db)
    const byChannel = await countChannelChoices(db)
    return {
      classes: this.ownClasses.map((one) => {
        const own = files().filter(({ retentionClass }) => retentionClass === one.id)
        return {
          ...one,
          tenants: tenants.filter(({ retentionClass }) => retentionClass === one.id).length,
          channels: byChannel.get(one.id) ?? 0,
          files: own.length,
          bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
        }
      }),
      defaultClass,
      budgetBytes,
      tenants,
    }
  }

  /** @throws ExpectedError `not_found` */
  async update(
    changes: { defaultClass?: string | undefined; budgetBytes?: number | null | undefined },
    audit: AuditDraft,
  ): Promise<Retention> {
    if (changes.defaultClass !== undefined) this.#class(changes.defaultClass)
    const { defaultClass, budgetBytes } = this.choices
    const before = { defaultClass, budgetBytes }
    const after = {
      defaultClass: changes.defaultClass ?? defaultClass,
      budgetBytes: changes.budgetBytes === undefined ? budgetBytes : changes.budgetBytes,
    }
    await this.#change(audit.about('site', 'retention', null, { before, after }), (trx) =>
      updatePolicy(trx, after),
    )
    return this.show()
  }

  /** @throws ExpectedError `retention_class_taken`, `input_invalid` */
  async create(asked: RetentionClass, audit: AuditDraft): Promise<RetentionClass> {
    const classes = this.ownClasses
    const { id, name, days, evictable } = asked
    if (isQuotaClass(id) || classes.some((one) => one.id === id))
      throw new ExpectedError('retention_class_taken', { id })
    if (classes.length >= MOST_CLASSES)
      throw new ExpectedError('input_invalid', { issues: `at most ${MOST_CLASSES} retention classes` })
    const row = {
      id,
      name,
      days,
      evictable: evictable ? 1 : 0,
      createdAt: this.#dependencies.clock.now(),
    } as const
    await this.#change(audit.about('retention class', id, null, { name, days, evictable }), (trx) =>
      insertClass(trx, row),
    )
    return asked
  }

  /** @throws ExpectedError `not_found` */
  async change(
    id: string,
    changes: { name?: string | undefined; days?: number | null | undefined; evictable?: boolean | undefined },
    audit: AuditDraft,
  ): Promise<RetentionClass> {
    const before = this.#class(id)
    const after = {
      id,
      name: changes.name ?? before.name,
      days: changes.days === undefined ? before.days : changes.days,
      evictable: changes.evictable ?? before.evictable,
    }
    const { name, days, evictable } = after
    await this.#change(audit.about('retention class', id, null, { before, after }), (trx) =>
      updateClass(trx, id, { name, days, evictable: evictable ? 1 : 0 }),
    )
    return after
  }

  /**
   * Only a class that nothing uses: its months would else follow another rule all at once, and might be deleted.
   * @throws ExpectedError `not_found`, `retention_class_default`, `retention_class_in_use`
   */
  async delete(id: string, audit: AuditDraft): Promise<void> {
    this.#class(id)
    const { db, measureFiles } = this.#dependencies
    if (id === this.choices.defaultClass) throw new ExpectedError('retention_class_default', { id })
    // Those last looked at may be a minute old, or none yet: on these no months are given away.
    const files = (await measureFiles()).filter(({ retentionClass }) => retentionClass === id).length
    const tenants = (await listTenantChoices(db)).filter((one) => one.retentionClass === id).length
    const channels = (await countChannelChoices(db)).get(id) ?? 0
    if (tenants + channels + files > 0)
      throw new ExpectedError('retention_class_in_use', { id, tenants, channels, files })
    await this.#change(audit.about('retention class', id, null, {}), (trx) => deleteClass(trx, id))
  }

  /** @throws ExpectedError `tenant_unknown`, `not_found` */
  async setTenant(tenantId: string, retentionClass: string | null, audit: AuditDraft): Promise<Retention> {
    if (retentionClass !== null) this.#class(retentionClass)
    const tenants = await listTenantChoices(this.#dependencies.db)
    const before = tenants.find(({ id }) => id === tenantId)
    if (!before) throw new ExpectedError('tenant_unknown', { tenant: tenantId })
    const details = { before: before.retentionClass, after: retentionClass }
    await this.#change(audit.about('tenant', tenantId, tenantId, details), (trx) =>
      setTenantClass(trx, tenantId, retentionClass),
    )
    return this.show()
  }

  #class(id: string): RetentionClass {
    const found = this.ownClasses.find((one) => one.id === id)
    if (!found) throw new ExpectedError('not_found', { what: 'retention class', id })
    return found
  }

  /** The change and its audit entry in one transaction; what is on disk is then what counts. */
  async #change(draft: AuditDraft, change: (trx: SiteTrx) => Promise<unknown>): Promise<void> {
    const { db, audit } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      await change(trx)
      await audit.recordIn(trx, draft)
    })
    this.#choices = await this.#read()
    this.#tell()
  }

  async #read(): Promise<PolicyChoices> {
    const { db } = this.#dependencies
    const mostDays = await listStorageQuotas(db)
    const classes = await this.#withQuotaClasses(await listClasses(db), mostDays)
    const tenants = await listTenantChoices(db)
    const byTenant = new Map(
      tenants.flatMap(({ id, retentionClass }) => (retentionClass === null ? [] : [[id, retentionClass]])),
    )
    return { classes, byTenant, mostDays, ...(await readPolicy(db)) }
  }

  /** Written down, for their files have to be judged by them when the quota is another one. */
  async #withQuotaClasses(
    classes: RetentionClass[],
    mostDays: ReadonlyMap<string, number>,
  ): Promise<RetentionClass[]> {
    const { db, clock } = this.#dependencies
    const known = new Set(classes.map(({ id }) => id))
    const own = classes.filter(({ id }) => !isQuotaClass(id))
    const missing = neededQuotaClasses(own, mostDays.values()).filter(({ id }) => !known.has(id))
    if (missing.length === 0) return classes
    const createdAt = clock.now()
    await insertQuotaClasses(
      db,
      missing.map(({ evictable, ...one }) => ({ ...one, evictable: evictable ? 1 : 0, createdAt })),
    )
    return [...classes, ...missing]
  }

  #tell(): void {
    this.#more = false
    const { historian, channels } = this.#dependencies
    historian.setRetention(policyOf(this.choices, channels()))
  }
}
