import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'

/** A store in memory with one tenant, `north`. */
export async function openNorth(): Promise<SiteDb> {
  const db = await openSiteDb(':memory:')
  const tenant = { id: 'north', slug: 'north', name: 'North', state: 'active', createdAt: 1 } as const
  await db.insertInto('tenants').values(tenant).execute()
  return db
}

/** A gateway of it that is in use. */
export async function insertGateway(db: SiteDb, { id, mac }: { id: string; mac: string }): Promise<void> {
  await db
    .insertInto('gateways')
    .values({
      id,
      tenantId: 'north',
      mac,
      label: id,
      code: id,
      name: id,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      metadata: '{}',
      state: 'active',
      dialect: 'canonical',
      credential: 'certificate',
      groupId: null,
      ownerUserId: null,
      assignmentId: null,
      profileId: null,
      createdAt: 0,
    })
    .execute()
}
