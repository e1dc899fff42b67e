import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { type FaultProxy, startFaultProxy } from '#tests/fixtures/fault-proxy.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { randomFrom } from '#tests/fixtures/random.ts'
import { CloudLink, createCloud, joinBody, type SharedCloud } from '#tests/fixtures/shared-cloud.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const api = '/api/v1'
const isLong = process.env['MILLWRIGHT_LONG'] === '1'
const SEED = Number(process.env['MILLWRIGHT_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const STEPS = isLong ? 600 : 45

interface Side {
  name: string
  site: TestSite
  link: CloudLink
  proxy: FaultProxy
}

/** What both sides may change of a tenant, in one text that can be compared. */
interface Picture {
  tenant: { name: string; state: string }
  groups: Record<string, { name: string; parentId: string | null }>
  gateway: { name: string; state: string }
}

let postgres: PostgresServer
let cloud: SharedCloud
const sides: Side[] = []
let acme = ''
/** Changes that the sites took. */
let changed = 0

async function sideOf(name: string): Promise<Side> {
  const access = await cloud.addSite(name)
  const proxy = await startFaultProxy({ port: postgres.port, seed: SEED })
  const site = await startSite()
  const side: Side = { name, site, proxy, link: new CloudLink(() => side.site.local) }
  const [own] = (await site.local.get(`${api}/tenants`)).json.tenants
  await side.link.join(
    joinBody(postgres, { ...access, port: proxy.port }, [{ tenantId: own.id, mode: 'fleet' }]),
  )
  sides.push(side)
  return side
}

beforeAll(async () => {
  postgres = await startPostgres()
  cloud = await createCloud(postgres)
  const [north] = [await sideOf('North'), await sideOf('South')]
  acme = (await north.site.local.post(`${api}/tenants`, { name: 'Acme', slug: 'acme' })).json.id
  await north.site.local.post(`${api}/gateways/provision`, { code: 'GW1', name: 'Boiler', tenant: 'acme' })
  await north.link.send('PUT', 'tenants', { tenants: [{ tenantId: acme, mode: 'fleet' }] })
  await eventually(async () => (await pictureAt(sides[1]!)) !== null, 'Acme at the other site')
})
afterAll(async () => {
  for (const { site, proxy } of sides) {
    await site.stop()
    await proxy.stop()
  }
  await postgres.stop()
})

async function pictureAt({ site, name }: Side): Promise<Omit<Picture, 'gateway'> | null> {
  const { tenants } = (await site.local.get(`${api}/tenants`)).json
  const tenant = tenants.find(({ id }: { id: string }) => id === acme)
  if (tenant === undefined) return null
  const { groups } = (await site.local.get(`${api}/groups?tenant=acme`)).json
  const gateway = name === 'North' ? { gateway: await gatewayAt(site) } : {}
  return {
    tenant: { name: tenant.name, state: tenant.state },
    groups: Object.fromEntries(
      groups.map((group: { id: string; name: string; parentId: string | null }) => [
        group.id,
        { name: group.name, parentId: group.parentId },
      ]),
    ),
    ...gateway,
  }
}

async function gatewayAt(site: TestSite): Promise<Picture['gateway']> {
  const { name, state } = (await site.local.get(`${api}/gateways/GW1?tenant=acme`)).json
  return { name, state }
}

async function pictureInCloud(): Promise<Picture> {
  const admin = await cloud.connect()
  const [tenant] = (await admin.query('SELECT name, state FROM millwright.tenants WHERE id = $1', [acme]))
    .rows
  const groups = await admin.query(
    'SELECT id, name, parent_id AS "parentId" FROM millwright.groups WHERE tenant_id = $1 AND deleted_at IS NULL',
    [acme],
  )
  const [gateway] = (await admin.query(`SELECT name, state FROM millwright.gateways WHERE code = 'GW1'`)).rows
  await admin.end()
  return {
    tenant,
    groups: Object.fromEntries(groups.rows.map(({ id, ...group }) => [id, group])),
    gateway,
  }
}

async function conflictsOfGateway(): Promise<number> {
  const admin = await cloud.connect()
  const { rows } = await admin.query(
    `SELECT count(*)::integer AS count FROM millwright.conflicts WHERE entity = 'gateway'`,
  )
  await admin.end()
  return rows[0]?.count
}

/** A person at a site, or by SQL, changes something; what cannot be done then is not done. */
async function change(random: () => number, step: number): Promise<string> {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const side = sides[random() < 0.5 ? 0 : 1]!
  const { local } = side.site
  const groups = Object.keys((await pictureAt(side))?.groups ?? {})
  const group = pick(groups)
  const draw = random()
  const query = '?tenant=acme'
  if (draw < 0.1) {
    const admin = await cloud.connect()
    await admin.query('UPDATE millwright.tenants SET name = $2 WHERE id = $1', [acme, `Acme by SQL ${step}`])
    await admin.end()
    return 'SQL renames the tenant'
  }
  if (draw < 0.2) {
    const admin = await cloud.connect()
    await admin.query(`UPDATE millwright.gateways SET name = $1 WHERE code = 'GW1'`, [
      `Boiler by SQL ${step}`,
    ])
    await admin.end()
    return 'SQL renames the gateway'
  }
  if (draw < 0.35) {
    return did(
      `${side.name} renames the tenant`,
      await local.send('PATCH', `${api}/tenants/acme`, { name: `Acme ${side.name} ${step}` }),
    )
  }
  if (draw < 0.42) {
    const action = pick(['suspend', 'resume'])
    return did(`${side.name}: ${action} of the tenant`, await local.post(`${api}/tenants/acme/${action}`, {}))
  }
  if (draw < 0.5) {
    const gateway = pick(['suspend', 'resume'])
    return did(
      `North: ${gateway} of the gateway`,
      await sides[0]!.site.local.post(`${api}/gateways/GW1/${gateway}${query}`, {}),
    )
  }
  if (draw < 0.58) {
    return did(
      'North renames the gateway',
      await sides[0]!.site.local.send('PATCH', `${api}/gateways/GW1${query}`, { name: `Boiler ${step}` }),
    )
  }
  if (draw < 0.72 || group === undefined) {
    const parent = random() < 0.3 && group !== undefined ? { parent: group } : {}
    return did(
      `${side.name} makes a group`,
      await local.post(`${api}/groups`, { tenant: 'acme', name: `${side.name} ${step}`, ...parent }),
    )
  }
  if (draw < 0.78) {
    return did(
      `${side.name} renames a group`,
      await local.send('PATCH', `${api}/groups/${group}`, { tenant: 'acme', name: `${side.name} ${step}` }),
    )
  }
  if (draw < 0.9) {
    const parent = random() < 0.7 ? pick(groups) : null
    const moved = await local.post(`${api}/groups/${group}/move`, { tenant: 'acme', parent })
    return did(`${side.name} moves a group`, moved)
  }
  return did(
    `${side.name} deletes a group`,
    await local.send('DELETE', `${api}/groups/${group}?tenant=acme&content=to_parent`),
  )
}

function did(what: string, { status }: { status: number }): string {
  if (status < 300) changed += 1
  return `${what}: ${status}`
}

async function trouble(random: () => number): Promise<string> {
  const side = sides[random() < 0.5 ? 0 : 1]!
  const draw = random()
  if (draw < 0.25) side.proxy.cut()
  else if (draw < 0.5) {
    side.proxy.refuse()
    side.proxy.cut()
  } else if (draw < 0.6) side.proxy.closeAfter(Math.floor(random() * 6_000), random() < 0.5 ? 'up' : 'down')
  else if (draw < 0.65) {
    await side.site.engine.stop()
    side.site = await startSite({ dataDir: side.site.dataDir })
    return `${side.name} restarts`
  } else {
    await side.proxy.heal()
    // Not in the way of what is slow: a person who does not want to wait.
    await side.link.post('resume')
    return `${side.name} is linked again`
  }
  return `${side.name} has trouble`
}

/** At the sites, and what the cloud says that it should be there. */
async function pictures(): Promise<[unknown, unknown]> {
  const inCloud = await pictureInCloud()
  const [north, south] = [await pictureAt(sides[0]!), await pictureAt(sides[1]!)]
  const { gateway: _, ...ofTenant } = inCloud
  return [
    { north, south },
    { north: inCloud, south: ofTenant },
  ]
}

test(`edits of two sites and by SQL over bad links end in one picture; seed ${SEED}`, {
  timeout: isLong ? 3_600_000 : 300_000,
}, async () => {
  const random = randomFrom(SEED)
  const lines: string[] = []
  try {
    for (let step = 0; step < STEPS; step += 1) {
      lines.push(random() < 0.7 ? await change(random, step) : await trouble(random))
      await sleep(random() * 200)
    }
    for (const { proxy, link } of sides) {
      await proxy.heal()
      await link.post('resume')
    }
    for (const { link } of sides) await link.drained()
    await eventually(async () => isDeepStrictEqual(...(await pictures())), 'one picture', 30_000).catch(
      () => null,
    )
    const [found, expected] = await pictures()
    expect(found).toEqual(expected)
    // Else it proved nothing.
    expect(changed).toBeGreaterThan(STEPS / 4)
    const [north, south] = [sides[0]!.link, sides[1]!.link]
    expect([(await north.status()).deadLetters, (await south.status()).deadLetters]).toEqual([0, 0])
    // Those of the gateway only its own site sees.
    const ofGateway = await conflictsOfGateway()
    await expect
      .poll(async () => (await north.status()).conflicts - (await south.status()).conflicts)
      .toBe(ofGateway)
  } catch (error) {
    console.error(`Seed ${SEED}:\n${lines.join('\n')}`)
    throw error
  }
})
