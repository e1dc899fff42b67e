import { sql } from 'kysely'
import type { Entity, LocalObject } from '../entity.ts'
import { moment } from '../moments.ts'
import { listed } from './listed.ts'

/** A person as a member of a tenant: `<tenant>/<person>` here, one row for each tenant there. */
export const users: Entity = {
  name: 'user',
  table: 'users',
  key: [
    { column: 'tenant_id', type: 'uuid' },
    { column: 'id', type: 'uuid' },
  ],
  twoWay: [{ column: 'state', field: 'state' }],
  up: ['email', 'username', 'name', 'role', 'reach', 'group_ids', 'password_hash', 'deleted_at'],
  once: ['site_id', 'created_at'],
  seen: ['site_id', 'deleted_at'],
  isOurs: (row, names) => row['site_id'] === names.siteId,
  // What tells who it was goes too.
  whenGone: `deleted_at = now(), email = NULL, username = NULL, name = '', password_hash = NULL`,
  keyOf: (id, names) => {
    const [tenantId = '', userId = ''] = id.split('/')
    const tenant = names.cloudTenantOf(tenantId)
    return tenant === null ? null : { tenant_id: tenant, id: userId }
  },
  idOf: (row, names) => {
    const tenantId = names.localTenantOf(String(row['tenant_id']))
    return tenantId === null ? null : `${tenantId}/${String(row['id'])}`
  },
  async read(db, ids, names) {
    const rows = await db
      .selectFrom('memberships')
      .innerJoin('users', 'users.id', 'memberships.userId')
      .innerJoin('roles', 'roles.id', 'memberships.roleId')
      .select([
        'memberships.tenantId',
        'memberships.reach',
        'memberships.invitedAt',
        'memberships.invitedName',
      ])
      .select([
        'users.id',
        'users.email',
        'users.username',
        'users.name',
        'users.state',
        'users.passwordHash',
      ])
      .select(['users.createdAt', 'roles.name as role'])
      .select((eb) =>
        eb
          .selectFrom('membershipGroups')
          .select(sql<string>`json_group_array(groupId order by groupId)`.as('all'))
          .whereRef('membershipGroups.userId', '=', 'memberships.userId')
          .whereRef('membershipGroups.tenantId', '=', 'memberships.tenantId')
          .$asScalar()
          .$notNull()
          .as('groupIds'),
      )
      .where(sql<string>`memberships.tenantId || '/' || memberships.userId`, 'in', listed(ids))
      // By its index.
      .where('memberships.userId', 'in', listed(ids.map((id) => id.split('/')[1] ?? '')))
      .execute()
    const found = new Map<string, LocalObject>()
    for (const row of rows) {
      const { tenantId, id, invitedAt } = row
      const tenant = names.cloudTenantOf(tenantId)
      if (tenant === null) continue
      // Of an account that is not theirs yet the tenant knows what it wrote into the invitation.
      const isInvited = invitedAt !== null
      const columns = {
        tenant_id: tenant,
        id,
        site_id: names.siteId,
        email: row.email,
        username: isInvited ? null : row.username,
        name: isInvited ? (row.invitedName ?? '') : row.name,
        state: isInvited ? 'invited' : row.state,
        role: row.role,
        reach: row.reach,
        group_ids: JSON.parse(row.groupIds) as string[],
        password_hash: names.sendsPasswordHashes && !isInvited ? row.passwordHash : null,
        created_at: moment(row.createdAt),
        deleted_at: null,
      }
      found.set(`${tenantId}/${id}`, { tenantId, columns })
    }
    return found
  },
}
