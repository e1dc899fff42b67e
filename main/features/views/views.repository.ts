import type { Insertable, Selectable, Updateable } from 'kysely'
import type { ViewKind } from '#contract/api/views.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { ViewTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** What a caller may see: in their scope, what is shared and what is theirs. `userId` null: the local administrator. */
export interface ViewScope {
  tenants: TenantScope
  userId: string | null
}

export type ViewRow = Awaited<ReturnType<typeof listViews>>[number]
export type ViewRowWithContent = ViewRow & Pick<Selectable<ViewTable>, 'content'>

const summary = [
  'views.id',
  'views.kind',
  'views.name',
  'views.ownerUserId',
  'views.tenantId',
  'views.shared',
  'views.version',
  'views.createdAt',
  'views.updatedAt',
  'views.updatedBy',
] as const

function visible(db: SiteDb | SiteTrx, { tenants, userId }: ViewScope) {
  let query = db
    .selectFrom('views')
    .leftJoin('tenants', 'tenants.id', 'views.tenantId')
    .leftJoin('users', 'users.id', 'views.ownerUserId')
    .select(summary)
    .select(['tenants.slug as tenantSlug', 'tenants.name as tenantName', 'users.name as ownerName'])
    .where((where) => where.or([where('views.shared', '=', 1), where('views.ownerUserId', 'is', userId)]))
  // One's own view stays with the tenant that it was made in: a person who moves on does not take it along.
  if (!tenants.all) query = query.where('views.tenantId', '=', tenants.tenantId)
  return query
}

export function listViews(db: SiteDb, scope: ViewScope, kind: ViewKind | null) {
  let query = visible(db, scope).orderBy('views.name').orderBy('views.id')
  if (kind !== null) query = query.where('views.kind', '=', kind)
  return query.execute()
}

export function viewById(db: SiteDb | SiteTrx, scope: ViewScope, id: string) {
  return visible(db, scope).select('views.content').where('views.id', '=', id).executeTakeFirst()
}

/** The views among which a name is unique: those shared in a tenant, or the unshared ones of an owner. */
export type Drawer = Pick<Selectable<ViewTable>, 'kind' | 'shared' | 'tenantId' | 'ownerUserId'>

export async function drawerOf(trx: SiteTrx, { kind, shared, tenantId, ownerUserId }: Drawer) {
  let query = trx
    .selectFrom('views')
    .select(['id', 'name'])
    .where('kind', '=', kind)
    .where('shared', '=', shared)
  query = shared
    ? query.where('tenantId', 'is', tenantId)
    : query.where('ownerUserId', 'is', ownerUserId).where('tenantId', 'is', tenantId)
  return query.execute()
}

export function insertView(trx: SiteTrx, view: Insertable<ViewTable>) {
  return trx.insertInto('views').values(view).execute()
}

/** @returns whether the version was still the one that the change was made from */
export async function updateView(
  trx: SiteTrx,
  id: string,
  version: number,
  changes: Updateable<ViewTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('views')
    .set({ ...changes, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export function deleteView(trx: SiteTrx, id: string) {
  return trx.deleteFrom('views').where('id', '=', id).execute()
}
