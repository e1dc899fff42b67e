import type { Entity, LocalObject } from '../entity.ts'
import { listed } from './listed.ts'

/** Made there by `offer_tenant`, before anything of it is sent. */
export const tenants: Entity = {
  name: 'tenant',
  table: 'tenants',
  key: [{ column: 'id', type: 'uuid' }],
  twoWay: [
    { column: 'name', field: 'name' },
    { column: 'state', field: 'state' },
  ],
  up: ['slug'],
  once: [],
  seen: ['home_site'],
  keyOf: (id, names) => {
    const cloudId = names.cloudTenantOf(id)
    return cloudId === null ? null : { id: cloudId }
  },
  idOf: (row, names) => names.localTenantOf(String(row['id'])),
  async read(db, ids, names) {
    const rows = await db
      .selectFrom('tenants')
      .select(['id', 'slug', 'name', 'state'])
      .where('id', 'in', listed(ids))
      .execute()
    const found = new Map<string, LocalObject>()
    for (const { id, slug, name, state } of rows) {
      const cloudId = names.cloudTenantOf(id)
      if (cloudId !== null) found.set(id, { tenantId: id, columns: { id: cloudId, slug, name, state } })
    }
    return found
  },
  // Two sites may call one tenant differently in their addresses.
  isOurs: (row, names) => row['home_site'] === names.siteId,
}
