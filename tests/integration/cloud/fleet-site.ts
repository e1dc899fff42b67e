import { ExpectedError } from '#contract/errors.ts'
import type { CloudSession, SessionTenant } from '#features/sync/cloud-session.ts'
import { type FleetExchange, FleetSync, type FleetTargets } from '#features/sync/fleet/index.ts'
import { nodeOf } from '#platform/db/change-stamps.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { createLog } from '#platform/log/log.ts'
import { type CloudConnection, openCloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { PostgresServer } from '#tests/fixtures/postgres-server.ts'
import type { SiteAccess } from '#tests/fixtures/shared-cloud.ts'

/** A site's store with the fleet's side of its link: the services of the features are plain changes of the store here. */
export class FleetSite {
  readonly db: SiteDb
  readonly clock: { ahead: number; now(): number }
  readonly fleet: FleetSync
  readonly connection: CloudConnection
  readonly session: CloudSession
  /** What the cloud did here, in order. */
  readonly applied: string[] = []
  onApply: ((call: string) => void) | null = null
  /** The store fails under the next call of a target. */
  breaks: string | null = null
  /** Of the gateways' topics. */
  topicRoot = 'mw'
  /** Reason by which the next call of a target is refused. */
  refuses: { call: string; code: 'group_name_taken' } | null = null

  constructor(of: {
    db: SiteDb
    clock: FleetSite['clock']
    connection: CloudConnection
    session: CloudSession
  }) {
    this.db = of.db
    this.clock = of.clock
    this.connection = of.connection
    this.session = of.session
    this.fleet = new FleetSync({
      db: of.db,
      clock: of.clock,
      log: createLog({ level: 'silent' }),
      targets: this.#targets(),
      access: {
        accessOf: ({ id }) => ({
          usernames: [id],
          clientIds: [null],
          topics: [{ action: 'publish', topic: `${this.topicRoot}/${id}/telemetry` }],
        }),
      },
      version: 'test',
    })
  }

  async exchange(): Promise<FleetExchange> {
    return this.fleet.exchange(this.connection, this.session, AbortSignal.timeout(60_000))
  }

  /** Offers a tenant, as the link does when a person turns its mode on. */
  async share(
    tenantId: string,
    mode: 'fleet' | 'telemetry' = 'fleet',
    cloudTenantId = tenantId,
  ): Promise<void> {
    const tenant = await this.db
      .selectFrom('tenants')
      .selectAll()
      .where('id', '=', tenantId)
      .executeTakeFirstOrThrow()
    await this.connection.client.query('SELECT millwright.offer_tenant($1, $2, $3, $4)', [
      cloudTenantId,
      tenant.slug,
      tenant.name,
      mode,
    ])
    await this.db.transaction().execute(async (trx) => {
      await trx
        .insertInto('cloudTenants')
        .values({ tenantId, cloudTenantId, mode })
        .onConflict((conflict) => conflict.column('tenantId').doUpdateSet({ mode }))
        .execute()
      await this.fleet.queueAll(tenantId, trx)
    })
    const shared: SessionTenant = { cloudTenantId, cloudTenantKey: 0, mode, fromAt: null }
    this.session.tenants.set(tenantId, shared)
  }

  async close(): Promise<void> {
    this.fleet.stop()
    await this.connection.close()
    await this.db.destroy()
  }

  async addTenant(name: string, id = uuid7()): Promise<string> {
    await this.db
      .insertInto('tenants')
      .values({
        id,
        slug: name.toLowerCase().replaceAll(' ', '-'),
        name,
        state: 'active',
        createdAt: this.clock.now(),
      })
      .execute()
    return id
  }

  async addGroup(tenantId: string, name: string, parentId: string | null = null): Promise<string> {
    const id = uuid7()
    await this.db
      .insertInto('groups')
      .values({ id, tenantId, name, parentId, createdAt: this.clock.now() })
      .execute()
    return id
  }

  async addGateway(tenantId: string, code: string): Promise<string> {
    const id = uuid7()
    const assignmentId = uuid7()
    const now = this.clock.now()
    await this.db.transaction().execute(async (trx) => {
      await trx
        .insertInto('gateways')
        .values({
          id,
          tenantId,
          assignmentId,
          code,
          label: `L-${id.slice(-12)}`,
          name: code,
          createdAt: now,
          mac: null,
          platform: null,
          hardwareRevision: null,
          firmwareVersion: null,
          maxDevices: 8,
          dialect: 'canonical',
          state: 'active',
          metadata: '{}',
          claimedAt: now,
          activatedAt: null,
          lastSeenAt: null,
          deletedAt: null,
        })
        .execute()
      await trx
        .insertInto('assignments')
        .values({ id: assignmentId, gatewayId: id, tenantId, fromAt: now, toAt: null })
        .execute()
    })
    return id
  }

  gateway(id: string) {
    return this.db.selectFrom('gateways').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  }

  async setGateway(
    id: string,
    changes: Partial<{ name: string; state: 'active' | 'suspended' | 'revoked' | 'claimed' }>,
  ) {
    await this.db.updateTable('gateways').set(changes).where('id', '=', id).execute()
  }

  async group(id: string) {
    return this.db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst()
  }

  /** As the service refuses it. */
  async moveGroup(id: string, parentId: string | null): Promise<void> {
    for (let at = parentId; at !== null; at = (await this.group(at))?.parentId ?? null)
      if (at === id) throw new ExpectedError('group_circular', { group: id })
    await this.db.updateTable('groups').set({ parentId }).where('id', '=', id).execute()
  }

  /** What is in it goes to the group above. */
  async removeGroup(id: string): Promise<void> {
    const above = (await this.group(id))?.parentId ?? null
    await this.db.transaction().execute(async (trx) => {
      await trx.updateTable('gateways').set({ groupId: above }).where('groupId', '=', id).execute()
      await trx.updateTable('groups').set({ parentId: above }).where('parentId', '=', id).execute()
      await trx.deleteFrom('groups').where('id', '=', id).execute()
    })
  }

  deadLetters() {
    return this.db.selectFrom('cloudDeadLetters').selectAll().execute()
  }

  async waiting(): Promise<number> {
    return (await this.db.selectFrom('cloudOutbox').selectAll().execute()).length
  }

  #targets(): FleetTargets {
    const did = async (call: string, change: () => Promise<unknown>): Promise<void> => {
      const { refuses } = this
      if (refuses && refuses.call === call.split(' ')[0]) throw new ExpectedError(refuses.code, { name: 'x' })
      if (this.breaks === call.split(' ')[0])
        throw Object.assign(new Error('the disk is full'), { code: 'SQLITE_FULL' })
      this.applied.push(call)
      this.onApply?.(call)
      await change()
    }
    const { db } = this
    const tenants = (id: string, set: { name?: string; state?: 'active' | 'suspended' }) =>
      db.updateTable('tenants').set(set).where('id', '=', id).execute()
    const users = (id: string, state: 'active' | 'suspended') =>
      db.updateTable('users').set({ state }).where('id', '=', id).execute()
    return {
      createTenant: ({ id, name, slug }) =>
        did(`createTenant ${name}`, async () => {
          const taken = await db
            .selectFrom('tenants')
            .select('id')
            .where('slug', '=', slug)
            .executeTakeFirst()
          const own = taken ? `${slug}-2` : slug
          await db
            .insertInto('tenants')
            .values({ id, name, slug: own, state: 'active', createdAt: this.clock.now() })
            .execute()
        }),
      renameTenant: (id, name) => did(`renameTenant ${name}`, () => tenants(id, { name })),
      suspendTenant: (id) => did('suspendTenant', () => tenants(id, { state: 'suspended' })),
      resumeTenant: (id) => did('resumeTenant', () => tenants(id, { state: 'active' })),
      createGroup: (group) =>
        did(`createGroup ${group.name}`, () =>
          db
            .insertInto('groups')
            .values({ ...group, createdAt: this.clock.now() })
            .execute(),
        ),
      renameGroup: (id, name) =>
        did(`renameGroup ${name}`, () =>
          db.updateTable('groups').set({ name }).where('id', '=', id).execute(),
        ),
      moveGroup: (id, parentId) => did('moveGroup', () => this.moveGroup(id, parentId)),
      removeGroup: (id) => did('removeGroup', () => this.removeGroup(id)),
      suspendUser: (id) => did('suspendUser', () => users(id, 'suspended')),
      resumeUser: (id) => did('resumeUser', () => users(id, 'active')),
      renameGateway: (id, name) => did(`renameGateway ${name}`, () => this.setGateway(id, { name })),
      suspendGateway: (id) => did('suspendGateway', () => this.setGateway(id, { state: 'suspended' })),
      resumeGateway: (id) => did('resumeGateway', () => this.setGateway(id, { state: 'active' })),
      revokeGateway: (id) => did('revokeGateway', () => this.setGateway(id, { state: 'revoked' })),
      placeGateway: (id, place) =>
        did('placeGateway', () => db.updateTable('gateways').set(place).where('id', '=', id).execute()),
    }
  }
}

export async function openFleetSite(server: PostgresServer, access: SiteAccess): Promise<FleetSite> {
  const clock = {
    ahead: 0,
    now() {
      return Date.now() + this.ahead
    },
  }
  const { siteId, database, username, password } = access
  const connection = await openCloudConnection(
    {
      host: '127.0.0.1',
      port: server.port,
      database,
      username,
      password,
      caCertificate: server.ca,
      insideNetwork: true,
    },
    { name: 'fleet test', signal: new AbortController().signal },
  )
  const { rows } = await connection.client.query<{ hello: Record<string, never> }>(
    'SELECT millwright.hello($1, $2, $3, $4, $5) AS hello',
    [siteId, [], 'token', 'test', Date.now()],
  )
  const { siteKey, generation, storage, schemaVersion, feedOf } = rows[0]?.hello ?? {}
  if (siteKey === undefined || feedOf === undefined) throw new Error('the cloud does not know this site')
  const db = await openSiteDb(':memory:', clock)
  await db
    .insertInto('cloudLink')
    .values({
      id: 1,
      host: '127.0.0.1',
      port: server.port,
      database,
      username,
      sealedSecretId: 's',
      insideNetwork: 1,
      takesTenants: 1,
      cloudId: 'c',
      siteId,
      siteKey,
      generation: 1,
      token: 'token',
      tailSeq: 0,
      joinedAt: 1,
      joinedByName: 'test',
    })
    .execute()
  const session: CloudSession = {
    siteId,
    siteKey,
    generation: generation ?? 1,
    node: nodeOf(siteId),
    tenants: new Map(),
    storage: storage ?? 'native',
    schemaVersion: schemaVersion ?? 1,
    feedOf,
    limits: { bytesPerSecond: null },
  }
  return new FleetSite({ db, clock, connection, session })
}
