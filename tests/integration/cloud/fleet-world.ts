import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { createCloud, type SharedCloud } from '#tests/fixtures/shared-cloud.ts'
import { type FleetSite, openFleetSite } from './fleet-site.ts'

/** Two sites' stores and one cloud; other sites for each test. */
export class FleetWorld {
  cloud!: SharedCloud
  /** Of the cloud: what people do by SQL. */
  admin!: pg.Client
  a!: FleetSite
  b!: FleetSite

  /** A tenant of the first site that the second has too. */
  async sharedTenant(): Promise<string> {
    const tenant = await this.a.addTenant('Acme')
    await this.a.share(tenant)
    await this.a.exchange()
    await this.shareWith(this.b, tenant)
    await this.b.exchange()
    return tenant
  }

  async shareWith(site: FleetSite, tenant: string): Promise<void> {
    await this.admin.query('INSERT INTO millwright.site_tenants (site_id, tenant_id) VALUES ($1, $2)', [
      site.session.siteId,
      tenant,
    ])
  }

  async rowOf(
    table: 'gateways' | 'groups' | 'tenants' | 'users',
    id: string,
  ): Promise<Record<string, unknown>> {
    const { rows } = await this.admin.query(`SELECT * FROM millwright.${table} WHERE id = $1`, [id])
    return rows[0] ?? {}
  }
}

/** To be called once a test file. */
export function fleetWorld(): FleetWorld {
  const world = new FleetWorld()
  let server: PostgresServer
  let number = 0
  beforeAll(async () => {
    server = await startPostgres()
    world.cloud = await createCloud(server)
    world.admin = await world.cloud.connect()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    number++
    const [first, second] = [
      await world.cloud.addSite(`A${number}`, { allTenants: false }),
      await world.cloud.addSite(`B${number}`, { allTenants: false }),
    ]
    world.a = await openFleetSite(server, first)
    world.b = await openFleetSite(server, second)
  })
  afterEach(async () => {
    await Promise.all([world.a.close(), world.b.close()])
  })
  return world
}
