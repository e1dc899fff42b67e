import type { Entity, LocalObject } from '../entity.ts'
import { moment } from '../moments.ts'
import { listed } from './listed.ts'

/** A tenant's tree, the same at all its sites. */
export const groups: Entity = {
  name: 'group',
  table: 'groups',
  key: [{ column: 'id', type: 'uuid' }],
  twoWay: [
    { column: 'name', field: 'name' },
    { column: 'parent_id', field: 'parentId' },
    { column: 'deleted_at', field: 'deleted' },
  ],
  up: [],
  once: ['tenant_id', 'created_at'],
  seen: ['tenant_id'],
  isOurs: () => true,
  keyOf: (id) => ({ id }),
  idOf: (row, names) => (names.localTenantOf(String(row['tenant_id'])) === null ? null : String(row['id'])),
  async read(db, ids, names) {
    const rows = await db.selectFrom('groups').selectAll().where('id', 'in', listed(ids)).execute()
    const found = new Map<string, LocalObject>()
    for (const { id, tenantId, parentId, name, createdAt } of rows) {
      const tenant = names.cloudTenantOf(tenantId)
      if (tenant === null) continue
      const columns = {
        id,
        tenant_id: tenant,
        parent_id: parentId,
        name,
        created_at: moment(createdAt),
        deleted_at: null,
      }
      found.set(id, { tenantId, columns })
    }
    return found
  },
}
