import type { Insertable, Updateable } from 'kysely'
import type { TenantScope } from '#features/access/index.ts'
import type { GatewayProfileTable } from '#platform/db/enrollment-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** A profile with its tenant and how many gateways have it. */
export type ProfileRow = Awaited<ReturnType<typeof listProfiles>>[number]

function profileRows(db: SiteDb | SiteTrx, scope: TenantScope) {
  const query = db
    .selectFrom('gatewayProfiles')
    .innerJoin('tenants', 'tenants.id', 'gatewayProfiles.tenantId')
    .selectAll('gatewayProfiles')
    .select(['tenants.slug as tenantSlug', 'tenants.name as tenantName'])
    .select((eb) =>
      eb
        .selectFrom('gateways')
        .select(eb.fn.countAll<number>().as('count'))
        .whereRef('gateways.profileId', '=', 'gatewayProfiles.id')
        .where('gateways.deletedAt', 'is', null)
        .$asScalar()
        .$notNull()
        .as('gateways'),
    )
  // Profiles are the whole tenant's: who sees a part of it sees them too.
  return scope.all ? query : query.where('gatewayProfiles.tenantId', '=', scope.tenantId)
}

export function listProfiles(db: SiteDb | SiteTrx, scope: TenantScope, tenantId: string | null) {
  let query = profileRows(db, scope).orderBy('gatewayProfiles.name').orderBy('gatewayProfiles.id')
  if (tenantId !== null) query = query.where('gatewayProfiles.tenantId', '=', tenantId)
  return query.execute()
}

/** By id or name: at most two, enough to tell "one" from "several". */
export function findProfiles(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
  { profile, tenantId }: { profile: string; tenantId: string | null },
): Promise<ProfileRow[]> {
  let query = profileRows(db, scope)
    .where((eb) => eb.or([eb('gatewayProfiles.id', '=', profile), eb('gatewayProfiles.name', '=', profile)]))
    .limit(2)
  if (tenantId !== null) query = query.where('gatewayProfiles.tenantId', '=', tenantId)
  return query.execute()
}

export async function nameIsTaken(
  db: SiteDb | SiteTrx,
  of: { tenantId: string; name: string; id: string | null },
): Promise<boolean> {
  let query = db
    .selectFrom('gatewayProfiles')
    .select('id')
    .where('tenantId', '=', of.tenantId)
    .where('name', '=', of.name)
  if (of.id !== null) query = query.where('id', '!=', of.id)
  return (await query.executeTakeFirst()) !== undefined
}

export async function countProfiles(db: SiteDb | SiteTrx, tenantId: string): Promise<number> {
  const { count } = await db
    .selectFrom('gatewayProfiles')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenantId', '=', tenantId)
    .executeTakeFirstOrThrow()
  return count
}

export function insertProfile(trx: SiteTrx, profile: Insertable<GatewayProfileTable>) {
  return trx.insertInto('gatewayProfiles').values(profile).execute()
}

/** @returns false where it is no longer of the version that was read */
export async function updateProfile(
  trx: SiteTrx,
  { id, version }: { id: string; version: number },
  changes: Updateable<GatewayProfileTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('gatewayProfiles')
    .set({ ...changes, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export function deleteProfile(trx: SiteTrx, id: string) {
  return trx.deleteFrom('gatewayProfiles').where('id', '=', id).execute()
}

/** One-time passwords that would make gateways with it, and may still be used. */
export async function openPasswords(trx: SiteTrx, profileId: string, now: number): Promise<number> {
  const { count } = await trx
    .selectFrom('estPasswords')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('profileId', '=', profileId)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', now)
    .executeTakeFirstOrThrow()
  return count
}

/** Gateways that have it. `follows`: only those whose dialect is the profile's. */
export async function gatewaysOf(
  db: SiteDb | SiteTrx,
  profileId: string,
  { follows }: { follows: boolean },
): Promise<string[]> {
  let query = db
    .selectFrom('gateways')
    .select('id')
    .where('profileId', '=', profileId)
    .where('deletedAt', 'is', null)
  if (follows) query = query.where('ownDialect', '=', 0)
  return (await query.execute()).map(({ id }) => id)
}

export function giveDialect(trx: SiteTrx, profileId: string, dialect: string) {
  return trx
    .updateTable('gateways')
    .set({ dialect })
    .where('profileId', '=', profileId)
    .where('ownDialect', '=', 0)
    .execute()
}

export function giveMaxDevices(trx: SiteTrx, profileId: string, maxDevices: number) {
  return trx.updateTable('gateways').set({ maxDevices }).where('profileId', '=', profileId).execute()
}
