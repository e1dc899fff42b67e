import { type Insertable, type Selectable, sql, type Updateable } from 'kysely'
import type { TenantScope } from '#features/access/index.ts'
import type { UserTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type UserRow = Selectable<UserTable>

/** Who has not signed in yet: invited by a link, or with a one-time password. */
export function isNew(user: Pick<UserRow, 'state' | 'lastLoginAt' | 'mustChangePassword'>): boolean {
  return user.state === 'invited' || (user.mustChangePassword === 1 && user.lastLoginAt === null)
}

/** How people of a tenant see its people: an account that is not theirs yet shows nothing of itself. */
const shownInTenant = sql<string>`case
  when users.state = 'suspended' and memberships.invitedAt is null then 'suspended'
  when memberships.invitedAt is not null or users.state = 'invited'
    or (users.mustChangePassword = 1 and users.lastLoginAt is null) then 'invited'
  else 'active' end`

const shownOfSite = sql<string>`case
  when users.state = 'active' and users.mustChangePassword = 1 and users.lastLoginAt is null then 'invited'
  else users.state end`

export interface UserFilter {
  /** Of a tenant, for callers who see several. */
  tenantId?: string | null
  search?: string | undefined
  role?: string | undefined
  state?: string | undefined
  /** Only those after this e-mail address. */
  after?: string | null
  limit: number
}

/** People that the scope sees, by e-mail address. `ofSite`: whether the caller sees accounts as they are. */
export function listUsers(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
  ofSite: boolean,
  filter: UserFilter,
): Promise<UserRow[]> {
  const { search, role, state, after = null, limit } = filter
  const shown = ofSite ? shownOfSite : shownInTenant
  let query = visible(db, scope, filter.tenantId ?? null)
  if (search !== undefined) {
    const part = `%${search.normalize('NFKC').replace(/[\\%_]/g, '\\$&')}%`
    const own = ofSite ? sql<boolean>`1` : sql<boolean>`memberships.invitedAt is null`
    query = query.where(
      sql<boolean>`(users.email like ${part} escape '\\' or ${ofSite ? sql`users.name` : sql`coalesce(memberships.invitedName, users.name)`} like ${part} escape '\\'
        or (${own} and users.username like ${part} escape '\\'))`,
    )
  }
  if (role === 'site_admin') {
    // Who administers the whole site is not for its tenants to see.
    if (!ofSite) return Promise.resolve([])
    query = query.where('users.siteAdmin', '=', 1)
  } else if (role !== undefined)
    query = query.where(
      sql<boolean>`exists (select 1 from memberships held where held.userId = users.id and held.roleId = ${role}
        and held.tenantId = coalesce(memberships.tenantId, held.tenantId))`,
    )
  if (state !== undefined) query = query.where(shown, '=', state)
  if (after !== null) query = query.where('users.email', '>', after)
  return query.orderBy('users.email').limit(limit).execute()
}

export function visibleUser(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
  id: string,
): Promise<UserRow | undefined> {
  return visible(db, scope, null).where('users.id', '=', id).executeTakeFirst()
}

/** Where the scope, or the filter, names a tenant, each row stands with the membership there. */
function visible(db: SiteDb | SiteTrx, scope: TenantScope, tenantId: string | null) {
  const of = scope.all ? tenantId : scope.tenantId
  const query = db
    .selectFrom('users')
    .leftJoin('memberships', (join) =>
      join.onRef('memberships.userId', '=', 'users.id').on('memberships.tenantId', '=', of ?? ''),
    )
    .selectAll('users')
    .$if(of !== null, (some) => some.where('memberships.tenantId', 'is not', null))
  if (scope.all || scope.within === null) return query
  const groups = [...scope.within.groupIds]
  // Those whose groups all lie in the caller's.
  return query
    .where('memberships.reach', '=', 'groups')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('membershipGroups')
          .select('membershipGroups.groupId')
          .whereRef('membershipGroups.userId', '=', 'users.id')
          .whereRef('membershipGroups.tenantId', '=', 'memberships.tenantId'),
      ),
    )
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('membershipGroups')
            .select('membershipGroups.groupId')
            .whereRef('membershipGroups.userId', '=', 'users.id')
            .whereRef('membershipGroups.tenantId', '=', 'memberships.tenantId')
            .where('membershipGroups.groupId', 'not in', groups),
        ),
      ),
    )
}

export function userByEmail(db: SiteDb | SiteTrx, email: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst()
}

export function userById(db: SiteDb | SiteTrx, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
}

export function insertUser(trx: SiteTrx, user: Insertable<UserTable>) {
  return trx.insertInto('users').values(user).execute()
}

export function updateUser(trx: SiteTrx, id: string, changes: Updateable<UserTable>) {
  return trx.updateTable('users').set(changes).where('id', '=', id).execute()
}

export function deleteUser(trx: SiteTrx, id: string) {
  return trx.deleteFrom('users').where('id', '=', id).execute()
}

/** Site administrators beside this one who can sign in. */
export async function otherSiteAdmins(trx: SiteTrx, id: string): Promise<number> {
  const { others } = await trx
    .selectFrom('users')
    .select(({ fn }) => fn.countAll<number>().as('others'))
    .where('siteAdmin', '=', 1)
    .where('state', '=', 'active')
    .where('id', '!=', id)
    .executeTakeFirstOrThrow()
  return others
}

/** Ends every session of a person. @returns their ids */
export async function deleteSessions(trx: SiteTrx, userId: string): Promise<string[]> {
  const ended = await trx.deleteFrom('sessions').where('userId', '=', userId).returning('id').execute()
  return ended.map(({ id }) => id)
}

/** What lists tell of the accounts: live sessions, second factors. */
export async function accountFacts(db: SiteDb | SiteTrx, userIds: readonly string[], now: number) {
  const [sessions, factors] = await Promise.all([
    db
      .selectFrom('sessions')
      .select(['userId', ({ fn }) => fn.countAll<number>().as('count')])
      .where('userId', 'in', userIds)
      .where('expiresAt', '>', now)
      .groupBy('userId')
      .execute(),
    db
      .selectFrom('secondFactors')
      .select('userId')
      .where('userId', 'in', userIds)
      .where('confirmedAt', 'is not', null)
      .execute(),
  ])
  return {
    sessions: new Map(sessions.map(({ userId, count }) => [userId, count])),
    secondFactors: new Set(factors.map(({ userId }) => userId)),
  }
}
