import { expect, test } from 'vitest'
import { FleetState } from './fleet-state.ts'
import type { GatewayRow } from './gateways.repository.ts'

const gateway = (id: string, tenantId: string, change: Partial<GatewayRow> = {}): GatewayRow => ({
  id,
  tenantId,
  groupId: null,
  ownerUserId: null,
  ownerName: null,
  assignmentId: `assignment of ${id}`,
  mac: null,
  code: id,
  label: id,
  name: id,
  platform: null,
  hardwareRevision: null,
  firmwareVersion: null,
  maxDevices: 8,
  dialect: 'canonical',
  state: 'active',
  metadata: '{}',
  createdAt: 0,
  claimedAt: 0,
  activatedAt: 0,
  lastSeenAt: null,
  deletedAt: null,
  tenantSlug: tenantId,
  tenantName: tenantId,
  serial: null,
  fingerprint: null,
  notAfter: null,
  keyAlgorithm: null,
  issuer: null,
  waitingCredentialId: null,
  profileId: null,
  profileName: null,
  profileMessagesPerSecond: null,
  profileBurst: null,
  aliases: '{}',
  credential: 'certificate',
  ownDialect: 1,
  bindState: null,
  ...change,
})

function stateOf(...gateways: GatewayRow[]): FleetState {
  const state = new FleetState()
  for (const one of gateways) state.put(one, 0)
  return state
}

test('a tenant sees its own gateways, in lists and in what changes', () => {
  const state = stateOf(gateway('a', 'north'), gateway('b', 'south'))
  expect(state.rows({ all: false, tenantId: 'north', within: null }).map(({ id }) => id)).toEqual(['a'])
  expect(state.rows({ all: true })).toHaveLength(2)
  const watcher = state.watch({ all: false, tenantId: 'north', within: null })
  state.setOnline('b', true, 10)
  expect(watcher.take()).toBeNull()
  state.setOnline('a', true, 20)
  expect(watcher.take()).toMatchObject({ rows: [{ id: 'a', online: true, since: 20 }], removed: [] })
  expect(state.rows({ all: false, tenantId: '', within: null })).toEqual([])
})

test('a gateway that leaves what somebody sees is taken from their list, and comes back with all of its row', () => {
  const state = stateOf(gateway('a', 'north', { groupId: 'line 1' }))
  const within = { groupIds: new Set(['line 1']), ownerUserId: null }
  const watcher = state.watch({ all: false, tenantId: 'north', within })
  state.put(gateway('a', 'north', { groupId: 'line 2' }), 10)
  state.setOnline('a', true, 20)
  expect(watcher.take()).toEqual({ rows: [], removed: ['a'] })
  state.setOnline('a', false, 30)
  expect(watcher.take()).toBeNull()
  state.put(gateway('a', 'north', { groupId: 'line 1' }), 40)
  expect(watcher.take()).toMatchObject({ rows: [{ id: 'a', groupId: 'line 1' }], removed: [] })
})

test('changes coalesce for a slow receiver, and end with it', () => {
  const state = stateOf(gateway('a', 'north'))
  const watcher = state.watch({ all: true })
  for (let at = 1; at <= 100; at++) state.setOnline('a', at % 2 === 0, at)
  expect(watcher.take()).toMatchObject({ rows: [{ online: true, since: 100 }] })
  watcher.close()
  state.setOnline('a', false, 200)
  expect(watcher.take()).toBeNull()
})

test('a refreshed row keeps what only memory knows', () => {
  const state = stateOf(gateway('a', 'north'))
  state.setOnline('a', true, 10)
  state.put(gateway('a', 'north', { name: 'Boiler' }), 99)
  expect(state.row('a')).toMatchObject({ name: 'Boiler', online: true, since: 10 })
  state.put(gateway('a', 'north', { state: 'suspended' }), 100)
  expect(state.row('a')).toMatchObject({ state: 'suspended', since: 100 })
  expect(state.gatewayOfAssignment('assignment of a')?.id).toBe('a')
})

test('repeats of a refusal add up within an hour', () => {
  const state = stateOf(gateway('a', 'north'))
  const refuse = (reason: 'topic_denied' | 'certificate_revoked', at: number, count: number) => {
    state.setRefusal('a', { reason, at, count })
    return state.row('a')?.refusal?.count
  }
  expect(refuse('topic_denied', 0, 2)).toBe(2)
  expect(refuse('topic_denied', 1_000, 3)).toBe(5)
  expect(refuse('certificate_revoked', 2_000, 1)).toBe(1)
  expect(refuse('certificate_revoked', 2_000 + 3_600_000, 1)).toBe(1)
})

test('the rate rises with readings, is steady under a steady load, and falls to zero after it', () => {
  const state = stateOf(gateway('a', 'north'))
  const rates: number[] = []
  let now = 0
  const second = (readings: number) => {
    now += 1_000
    if (readings > 0) state.heard('a', now, readings, null)
    state.rollRates(now)
    rates.push(state.row('a')?.rate ?? Number.NaN)
  }
  for (let i = 0; i < 30; i++) second(5)
  expect(rates[0]).toBeGreaterThan(0)
  for (const rate of rates.slice(-5)) expect(Math.abs(rate - 5)).toBeLessThan(1)
  for (let i = 0; i < 30; i++) second(0)
  expect(rates.at(-1)).toBe(0)
})

test('what is heard of an unknown gateway changes nothing', () => {
  const state = stateOf()
  state.heard('x', 1, 1, null)
  state.setOnline('x', true, 1)
  expect(state.rows({ all: true })).toEqual([])
})
