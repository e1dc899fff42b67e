import { type Insertable, sql, type Updateable } from 'kysely'
import type { GatewayState } from '#contract/model/gateway.ts'
import { gatewayInScope, type TenantScope } from '#features/access/index.ts'
import type { GatewayAliasTable } from '#platform/db/enrollment-schema.ts'
import type { GatewayTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** A gateway with its tenant, the newest of its certificates, and whether its key or secret waits to be handed over. */
export type GatewayRow = Awaited<ReturnType<typeof gatewayById>> & {}

function gatewayRows(db: SiteDb | SiteTrx) {
  return db
    .selectFrom('gateways')
    .innerJoin('tenants', 'tenants.id', 'gateways.tenantId')
    .leftJoin('certificates', (join) =>
      join.on('certificates.id', '=', (eb) =>
        eb
          .selectFrom('certificates as newest')
          .select('newest.id')
          .whereRef('newest.gatewayId', '=', 'gateways.id')
          .orderBy('newest.createdAt', 'desc')
          .orderBy('newest.id', 'desc')
          .limit(1),
      ),
    )
    .leftJoin('certificates as issuers', 'issuers.id', 'certificates.issuerId')
    .leftJoin('handovers', (join) =>
      join.on('handovers.credentialId', '=', (eb) =>
        eb
          .selectFrom('handovers as open')
          .select('open.credentialId')
          .whereRef('open.gatewayId', '=', 'gateways.id')
          .where('open.endedAt', 'is', null)
          .orderBy('open.createdAt', 'desc')
          .limit(1),
      ),
    )
    .leftJoin('gatewayProfiles as profiles', 'profiles.id', 'gateways.profileId')
    .leftJoin('users as owners', 'owners.id', 'gateways.ownerUserId')
    .selectAll('gateways')
    .select([
      'owners.name as ownerName',
      'tenants.slug as tenantSlug',
      'tenants.name as tenantName',
      'certificates.serial',
      'certificates.fingerprint',
      'certificates.notAfter',
      'certificates.keyAlgorithm',
      'issuers.subject as issuer',
      'handovers.credentialId as waitingCredentialId',
      'profiles.name as profileName',
      'profiles.messagesPerSecond as profileMessagesPerSecond',
      'profiles.burst as profileBurst',
    ])
    .select((eb) =>
      eb
        .selectFrom('gatewayAliases')
        .select(sql<string>`json_group_object(kind, value)`.as('all'))
        .whereRef('gatewayAliases.gatewayId', '=', 'gateways.id')
        .$asScalar()
        .$notNull()
        .as('aliases'),
    )
    .where('gateways.deletedAt', 'is', null)
}

export function gatewayById(db: SiteDb | SiteTrx, scope: TenantScope, id: string) {
  return gatewayRows(db).where('gateways.id', '=', id).where(gatewayInScope(scope)).executeTakeFirst()
}

/** Those that are there, in any order. */
export function gatewaysByIds(db: SiteDb | SiteTrx, ids: readonly string[]) {
  return gatewayRows(db).where('gateways.id', 'in', ids).execute()
}

/** At most two: enough to tell "one" from "several". One that nobody has is found where no other has its code. */
export function gatewaysByCode(db: SiteDb, scope: TenantScope, code: string, tenantId: string | null) {
  let query = gatewayRows(db)
    .where('gateways.code', '=', code)
    .where(gatewayInScope(scope))
    .orderBy(sql`gateways.state = 'unclaimed'`)
    .limit(2)
  if (tenantId !== null) query = query.where('gateways.tenantId', '=', tenantId)
  return query.execute()
}

export { aliasIsTaken } from './sign-in-names.ts'

export interface GatewayListQuery {
  tenantId: string | null
  /** Null: in any or none. */
  groupIds: ReadonlySet<string> | null
  state: GatewayState | null
  search: string | null
  limit: number
  after: { code: string; id: string } | null
}

/** A page in order of code. What is joined to a gateway is looked up for the page alone, not for all that match. */
export function listGateways(db: SiteDb, scope: TenantScope, query: GatewayListQuery) {
  return gatewayRows(db)
    .where('gateways.id', 'in', matchingIds(db, scope, query))
    .orderBy('gateways.code')
    .orderBy('gateways.id')
    .execute()
}

function matchingIds(
  db: SiteDb,
  scope: TenantScope,
  { tenantId, groupIds, state, search, limit, after }: GatewayListQuery,
) {
  let query = db
    .selectFrom('gateways')
    .select('gateways.id')
    .where('gateways.deletedAt', 'is', null)
    .where(gatewayInScope(scope))
    .orderBy('gateways.code')
    .orderBy('gateways.id')
    .limit(limit)
  if (tenantId !== null) query = query.where('gateways.tenantId', '=', tenantId)
  if (groupIds !== null) query = query.where('gateways.groupId', 'in', [...groupIds])
  if (state !== null) query = query.where('gateways.state', '=', state)
  if (search !== null) {
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
    query = query.where((eb) =>
      eb.or(
        (['gateways.code', 'gateways.name', 'gateways.label', 'gateways.mac'] as const).map(
          (column) =>
            // SQLite has no escape character unless it is named.
            sql<boolean>`${eb.ref(column)} like ${pattern} escape '\\'`,
        ),
      ),
    )
  }
  if (after !== null) {
    query = query.where((eb) =>
      eb.or([
        eb('gateways.code', '>', after.code),
        eb.and([eb('gateways.code', '=', after.code), eb('gateways.id', '>', after.id)]),
      ]),
    )
  }
  return query
}

/** All of the site, for the live state at start; ordered by nothing. */
export function allGateways(db: SiteDb) {
  return gatewayRows(db).execute()
}

export function gatewayByMac(db: SiteDb | SiteTrx, mac: string) {
  return db
    .selectFrom('gateways')
    .selectAll()
    .where('mac', '=', mac)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
}

/** The gateway of a tenant that has no MAC to be known by. */
export function gatewayWithoutMac(db: SiteDb | SiteTrx, tenantId: string, code: string) {
  return (
    db
      .selectFrom('gateways')
      .selectAll()
      .where('tenantId', '=', tenantId)
      .where('code', '=', code)
      .where('mac', 'is', null)
      .where('deletedAt', 'is', null)
      // The code of one that nobody has is free for another.
      .orderBy(sql`state = 'unclaimed'`)
      .executeTakeFirst()
  )
}

export function codeIsTaken(db: SiteDb | SiteTrx, tenantId: string, code: string) {
  return db
    .selectFrom('gateways')
    .select('id')
    .where('tenantId', '=', tenantId)
    .where('code', '=', code)
    .where('state', '!=', 'unclaimed')
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
}

/** Gateways that count for a tenant's quota: those it has now. */
export async function countOfTenant(db: SiteDb | SiteTrx, tenantId: string): Promise<number> {
  const { count } = await db
    .selectFrom('gateways')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenantId', '=', tenantId)
    .where('assignmentId', 'is not', null)
    .where('deletedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

/** Whatever the case of their letters. */
function labelIs(label: string) {
  return sql<boolean>`gateways.label = ${label} collate nocase`
}

export function labelIsTaken(db: SiteDb | SiteTrx, label: string) {
  return db.selectFrom('gateways').select('id').where(labelIs(label)).executeTakeFirst()
}

export function gatewayByLabel(db: SiteDb | SiteTrx, label: string) {
  return db
    .selectFrom('gateways')
    .selectAll()
    .where(labelIs(label))
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
}

export function putAlias(trx: SiteTrx, alias: GatewayAliasTable) {
  return trx
    .insertInto('gatewayAliases')
    .values(alias)
    .onConflict((conflict) => conflict.columns(['gatewayId', 'kind']).doUpdateSet({ value: alias.value }))
    .execute()
}

export function clearAlias(trx: SiteTrx, gatewayId: string, kind: GatewayAliasTable['kind']) {
  return trx
    .deleteFrom('gatewayAliases')
    .where('gatewayId', '=', gatewayId)
    .where('kind', '=', kind)
    .execute()
}

export function insertGateway(trx: SiteTrx, gateway: Insertable<GatewayTable>) {
  return trx.insertInto('gateways').values(gateway).execute()
}

export function updateGateway(trx: SiteTrx, id: string, changes: Updateable<GatewayTable>) {
  return trx.updateTable('gateways').set(changes).where('id', '=', id).execute()
}

/** Changes the state only from the one that was seen. @returns false where another call changed it meanwhile */
export async function changeState(
  trx: SiteTrx,
  gatewayId: string,
  from: GatewayState,
  changes: Updateable<GatewayTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('gateways')
    .set(changes)
    .where('id', '=', gatewayId)
    .where('state', '=', from)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/**
 * The first session makes a claimed gateway active; where it must acknowledge its binding, that does.
 * @returns whether it was made active
 */
export async function activate(trx: SiteTrx, gatewayId: string, at: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('gateways')
    .set({ state: 'active', activatedAt: at })
    .where('id', '=', gatewayId)
    .where('state', '=', 'claimed')
    .where((eb) => eb.or([eb('bindState', 'is', null), eb('bindState', '=', 'bound')]))
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Puts a gateway into a group or gives it an owner; its open assignment says the same. */
export async function placeGateway(
  trx: SiteTrx,
  gatewayId: string,
  place: { groupId?: string | null; ownerUserId?: string | null },
): Promise<void> {
  await trx.updateTable('gateways').set(place).where('id', '=', gatewayId).execute()
  await trx
    .updateTable('assignments')
    .set(place)
    .where('gatewayId', '=', gatewayId)
    .where('toAt', 'is', null)
    .execute()
}

/** A gateway of a tenant that is not suspended, by its label in any case, that belongs to nobody yet. */
export function ownerlessByLabel(db: SiteDb | SiteTrx, label: string) {
  return db
    .selectFrom('gateways')
    .innerJoin('tenants', 'tenants.id', 'gateways.tenantId')
    .select(['gateways.id', 'gateways.tenantId', 'gateways.label'])
    .where(labelIs(label))
    .where('gateways.state', 'in', ['claimed', 'active'])
    .where('gateways.ownerUserId', 'is', null)
    .where('gateways.deletedAt', 'is', null)
    .where('tenants.state', '=', 'active')
    .executeTakeFirst()
}

/** Whoever of a tenant's people this is, by id or e-mail address. */
export function activeMember(db: SiteDb | SiteTrx, tenantId: string, reference: string) {
  return (
    db
      .selectFrom('users')
      .innerJoin('memberships', 'memberships.userId', 'users.id')
      .select(['users.id', 'users.name'])
      .where('memberships.tenantId', '=', tenantId)
      .where('users.state', '=', 'active')
      // Who was only invited is nobody here yet: whether the account is there is not told.
      .where('memberships.invitedAt', 'is', null)
      .where((eb) => eb.or([eb('users.id', '=', reference), eb('users.email', '=', reference)]))
      .executeTakeFirst()
  )
}

/** The gateway is nobody's from now on. */
export function closeAssignment(trx: SiteTrx, gatewayId: string, end: { toAt: number; code: string }) {
  return trx
    .updateTable('assignments')
    .set(end)
    .where('gatewayId', '=', gatewayId)
    .where('toAt', 'is', null)
    .execute()
}

/** Those that ended, for readings stay with the tenant that had the gateway then. */
export function endedAssignments(db: SiteDb) {
  return db
    .selectFrom('assignments')
    .innerJoin('gateways', 'gateways.id', 'assignments.gatewayId')
    .select(['assignments.id', 'assignments.gatewayId', 'assignments.tenantId', 'assignments.code'])
    .where('assignments.toAt', 'is not', null)
    .execute()
}

export function openAssignment(
  trx: SiteTrx,
  assignment: {
    id: string
    gatewayId: string
    tenantId: string
    groupId: string | null
    ownerUserId: string | null
    fromAt: number
  },
) {
  return trx
    .insertInto('assignments')
    .values({ ...assignment, toAt: null })
    .execute()
}

/** How a tenant calls its gateways: for the next number of a naming pattern. */
export async function codesOfTenant(db: SiteDb | SiteTrx, tenantId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('gateways')
    .select('code')
    .where('tenantId', '=', tenantId)
    .where('deletedAt', 'is', null)
    .execute()
  return rows.map(({ code }) => code)
}
