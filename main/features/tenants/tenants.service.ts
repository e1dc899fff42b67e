import { ExpectedError } from '#contract/errors.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { GroupTree } from './group-tree.ts'
import { allGroups, insertTenant, listTenants, type TenantRow } from './tenants.repository.ts'

export class TenantsService {
  readonly #db: SiteDb
  readonly #clock: Clock
  /** The groups of every tenant, as rights are judged by them. */
  readonly groups = new GroupTree()

  constructor(db: SiteDb, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** Loads the groups; call it again after each change of them. */
  async loadGroups(): Promise<void> {
    this.groups.replace(await allGroups(this.#db))
  }

  list(scope: TenantScope): Promise<TenantRow[]> {
    return listTenants(this.#db, scope)
  }

  /** `slug` unique in the site; `id` where it is known already. */
  async create(trx: SiteTrx, tenant: { slug: string; name: string; id?: string }): Promise<TenantRow> {
    const now = this.#clock.now()
    const id = tenant.id ?? uuid7(now)
    await insertTenant(trx, { ...tenant, id, state: 'active', createdAt: now })
    return trx.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  }

  /**
   * The tenant that a caller means: by id or slug, or the only one they see.
   * @throws ExpectedError `tenant_unknown`, also for a tenant out of scope
   */
  async resolve(scope: TenantScope, reference: string | undefined): Promise<TenantRow> {
    const visible = await this.list(scope)
    const found =
      reference === undefined
        ? onlyOne(visible)
        : visible.find((tenant) => tenant.id === reference || tenant.slug === reference)
    if (!found)
      throw new ExpectedError('tenant_unknown', { tenant: reference ?? '(say which, there are several)' })
    return found
  }
}

function onlyOne(tenants: TenantRow[]): TenantRow | undefined {
  return tenants.length === 1 ? tenants[0] : undefined
}
