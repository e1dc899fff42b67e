import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import type { GatewayState } from '#contract/model/gateway.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import type { FleetService } from './fleet.service.ts'
import { FleetState } from './fleet-state.ts'
import { gatewayById, insertGateway } from './gateways.repository.ts'
import { PresenceRecorder } from './presence-recorder.ts'

let db: SiteDb
let state: FleetState
let presence: PresenceRecorder
let proved: string[]

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  state = new FleetState()
  proved = []
  await db
    .insertInto('tenants')
    .values({ id: 't', slug: 't', name: 'T', state: 'active', createdAt: 1 })
    .execute()
  const refresh = async (id: string) => {
    const row = await stored(id)
    state.put(row, 0)
    return row
  }
  presence = new PresenceRecorder({
    db,
    clock: { now: () => 5_000 },
    log: pino({ level: 'silent' }),
    state,
    fleet: { refresh } as unknown as FleetService,
    onCredentialsProved: async (sessions) => void proved.push(...sessions.map((one) => one.fingerprint)),
  })
  return () => db.destroy()
})

async function stored(id: string) {
  const row = await gatewayById(db, { all: true }, id)
  if (!row) throw new Error(`no gateway ${id}`)
  return row
}

async function gateway(id: string, gatewayState: GatewayState): Promise<void> {
  await db.transaction().execute((trx) =>
    insertGateway(trx, {
      id,
      tenantId: 't',
      assignmentId: null,
      mac: null,
      code: id,
      label: id,
      name: id,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      dialect: 'canonical',
      state: gatewayState,
      metadata: '{}',
      createdAt: 0,
      claimedAt: 0,
      activatedAt: null,
      lastSeenAt: null,
      deletedAt: null,
    }),
  )
  state.put(await stored(id), 0)
}

const online = (gatewayId: string, at: number) =>
  presence.wentOnline({ gatewayId, at, address: '10.0.0.7', fingerprint: `of ${gatewayId}`, secretId: null })

const history = async () =>
  (await db.selectFrom('gatewayHistory').selectAll().orderBy('id').execute()).map(
    ({ kind, value, at }) => `${kind} ${value} ${at}`,
  )

test('the first session makes a claimed gateway active, once, and proves its credential', async () => {
  await gateway('g', 'claimed')
  online('g', 100)
  presence.wentOffline({ gatewayId: 'g', at: 200, reason: 'disconnected' })
  online('g', 300)
  await presence.stop()
  expect(await stored('g')).toMatchObject({ state: 'active', activatedAt: 100, lastSeenAt: 300 })
  expect(state.row('g')).toMatchObject({ state: 'active', online: true })
  expect(await history()).toEqual([
    'presence online 100',
    'state active 100',
    'presence offline 200',
    'presence online 300',
  ])
  expect(proved).toEqual(['of g', 'of g'])
})

test('a gateway suspended between its session and the writing down of it stays suspended', async () => {
  await gateway('g', 'claimed')
  online('g', 100)
  // In the store already, and not yet in memory.
  await db.updateTable('gateways').set({ state: 'suspended' }).where('id', '=', 'g').execute()
  await presence.stop()
  expect(await stored('g')).toMatchObject({ state: 'suspended', activatedAt: null })
  expect(await history()).toEqual(['presence online 100'])
})

test('at start everything is offline: what a crash left open is closed, once', async () => {
  for (const id of ['a', 'b', 'c']) await gateway(id, 'active')
  online('a', 100)
  online('b', 100)
  presence.wentOffline({ gatewayId: 'b', at: 200, reason: 'disconnected' })
  await presence.stop()
  await presence.start()
  await presence.start()
  expect((await history()).slice(3)).toEqual(['presence offline 5000'])
})

test('repeats of a refusal are one row that counts, and listeners hear of it', async () => {
  await gateway('g', 'active')
  const heard: string[] = []
  presence.changed.subscribe(({ gatewayId, what }) => heard.push(`${gatewayId} ${what}`))
  const refusal = {
    reason: 'topic_denied' as const,
    address: '10.0.0.7',
    gatewayId: 'g',
    fingerprint: null,
    clientId: 'g',
    topic: 'mw/other/telemetry',
    detail: null,
  }
  for (const at of [100, 200]) presence.refused({ ...refusal, at, count: 2 })
  presence.refused({ ...refusal, at: 300, count: 1, gatewayId: null })
  await presence.stop()
  const rows = await db.selectFrom('refusals').selectAll().orderBy('lastAt').execute()
  expect(rows).toMatchObject([
    { gatewayId: 'g', tenantId: 't', count: 4, firstAt: 100, lastAt: 200 },
    { gatewayId: null, tenantId: null, count: 1 },
  ])
  expect(state.row('g')?.refusal).toMatchObject({ reason: 'topic_denied', count: 4 })
  expect(heard).toEqual(['g refusals', 'g refusals'])
})
