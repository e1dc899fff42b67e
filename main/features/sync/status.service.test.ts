import { expect, onTestFinished, test } from 'vitest'
import type { CloudMode } from '#contract/model/cloud.ts'
import { openSiteDb } from '#platform/db/site-db.ts'
import type { TelemetryPart } from './cloud-parts.ts'
import type { CloudLink } from './link/cloud-link.ts'
import type { Traffic } from './link/traffic.ts'
import { CloudStatusService } from './status.service.ts'

const now = 1_000_000

/** A link that is live, of which an object has waited since a time. */
async function stateOf({ queuedAt, mode }: { queuedAt: number; mode: CloudMode }): Promise<string> {
  const db = await openSiteDb(':memory:')
  onTestFinished(() => db.destroy())
  const tenantId = 'plant'
  await db
    .insertInto('tenants')
    .values({ id: tenantId, slug: 'plant', name: 'Plant', state: 'active', createdAt: 0 })
    .execute()
  await db.insertInto('cloudTenants').values({ tenantId, cloudTenantId: tenantId, mode }).execute()
  await db.insertInto('cloudOutbox').values({ entity: 'group', id: 'g', tenantId, queuedAt }).execute()
  await db
    .insertInto('cloudLink')
    .values({
      id: 1,
      host: 'db',
      port: 5_432,
      database: 'd',
      username: 'u',
      sealedSecretId: 's',
      insideNetwork: 1,
      cloudId: 'c',
      siteId: 'i',
      siteKey: 1,
      generation: 1,
      token: 't',
      tailSeq: 0,
      joinedAt: 1,
      joinedByName: 'somebody',
    })
    .execute()
  const status = new CloudStatusService({
    db,
    clock: { now: () => now },
    link: { view: { state: 'live' } } as CloudLink,
    telemetry: {
      backlog: async () => ({ readings: 0, oldestAt: null, perTenant: new Map() }),
    } as unknown as TelemetryPart,
    traffic: {} as Traffic,
    left: () => null,
  })
  return (await status.pulse())?.state ?? 'none'
}

test('live is only what has sent its fleet too; what is off is not waited for', async () => {
  expect(await stateOf({ queuedAt: now - 59_000, mode: 'fleet' })).toBe('live')
  expect(await stateOf({ queuedAt: now - 61_000, mode: 'fleet' })).toBe('catching_up')
  expect(await stateOf({ queuedAt: now - 61_000, mode: 'off' })).toBe('live')
})
