import { expect, test } from 'vitest'
import type { FleetRow } from '#contract/model/gateway.ts'
import type { TenantScope } from '#features/access/index.ts'
import { batchOf, gatewayRow, ofGateway, type Said } from './tap-batch.fixture.ts'
import { TopicBook } from './topic-book.ts'
import { topicTest } from './topic-filter.ts'
import { TopicRows } from './topic-rows.ts'
import { seesTopic } from './topic-scope.ts'
import { TopicTree } from './topic-tree.ts'

const site: TenantScope = { all: true }
const tenant = (tenantId: string): TenantScope => ({ all: false, tenantId, within: null })

/** A book with what is shown of it to somebody; time stands where it is set. */
function plant(fleet: FleetRow[] = [gatewayRow('g1', { mac: 'a0:b1:c2:00:00:01' })]) {
  const rows = new Map(fleet.map((row) => [row.id, row]))
  const gateway = (id: string) => rows.get(id)
  const book = new TopicBook()
  const clock = { now: 10_000 }
  const hear = (said: Said[], more = {}): void => book.apply(batchOf(said, more), clock.now)
  const look = (scope: TenantScope = site, { filter = '', expanded = [] as string[] | null } = {}) => {
    const fits = topicTest(filter, gateway)
    const tree = new TopicTree(
      book,
      (entry) => seesTopic(scope, entry.owner, gateway) && fits(entry),
      gateway,
    )
    tree.start()
    const shown = expanded === null ? null : new Set(expanded)
    return new TopicRows({ tree, book, scope, gateway, expanded: shown, now: () => clock.now })
  }
  return { book, clock, hear, look, rows }
}

const brief = (taken: ReturnType<TopicRows['take']>) =>
  taken?.rows.map(({ path, topics, messages }) => `${path} ${topics} ${messages}`)

test('levels carry the figures of all below, and only what is expanded is sent', () => {
  const { hear, look } = plant()
  hear([
    { topic: 'mw/a0b1c2000001/telemetry', owner: ofGateway('g1'), count: 5, payload: '{"a":1}' },
    { topic: 'mw/a0b1c2000001/status', owner: ofGateway('g1'), retained: true, payload: 'online' },
    { topic: 'mw/time', owner: { kind: 'shared' } },
    { topic: '/odd', owner: ofGateway('g1') },
  ])
  expect(brief(look().take())).toEqual(['mw 3 7', ' 1 1'])
  const rows = look(site, { expanded: ['mw'] })
  const first = rows.take()
  expect(first?.whole).toBe(true)
  expect(brief(first)).toEqual(['mw 3 7', 'mw/a0b1c2000001 2 6', 'mw/time 1 1', ' 1 1'])
  expect(first?.rows[1]?.gateway).toEqual({ id: 'g1', code: 'G1' })
  expect(first?.totals).toMatchObject({ topics: 4, messages: 8, notShown: 0, rowsLeftOut: 0 })
  // Nothing new: nothing is sent. Then only what changed, with the levels above.
  expect(rows.take()).toBeNull()
  hear([{ topic: 'mw/time', owner: { kind: 'shared' }, payload: 'x\ny' }])
  const next = rows.take()
  expect(brief(next)).toEqual(['mw 3 8', 'mw/time 1 2'])
  expect(next?.rows[1]?.last).toMatchObject({ preview: 'x y', length: 3, qos: 1, refusal: null })
  expect(brief(look(site, { expanded: null }).take())).toHaveLength(7)
})

test('what is refused stands at its topic beside what was taken, and is counted', () => {
  const { hear, look } = plant([gatewayRow('g1'), gatewayRow('g2', { tenantId: 'south' })])
  const topic = 'mw/g1/telemetry'
  hear([{ topic, owner: ofGateway('g1'), payload: 'right' }])
  hear([
    {
      topic,
      owner: ofGateway('g2', 'south'),
      refusal: 'topic_denied',
      sender: { kind: 'gateway', id: 'g2' },
      payload: 'wrong',
      at: 2_000,
    },
  ])
  const all = look(site, { expanded: null }).take()?.rows.at(-1)
  expect(all).toMatchObject({ topics: 1, messages: 2, refused: 1 })
  expect(all?.last).toMatchObject({ preview: 'wrong', refusal: 'topic_denied' })
  // Nobody puts words under the topic of another tenant.
  expect(look(tenant('north'), { expanded: null }).take()?.rows.at(-1)).toMatchObject({
    messages: 1,
    refused: 0,
    last: { preview: 'right' },
  })
  expect(look(tenant('south'), { expanded: null }).take()?.rows.at(-1)?.last?.preview).toBe('wrong')
})

test('a gateway that moves takes nothing along, and its topics leave those who may not see it any more', () => {
  const { hear, look, rows, clock } = plant([gatewayRow('g1', { groupId: 'hall' })])
  const inHall: TenantScope = {
    all: false,
    tenantId: 'north',
    within: { groupIds: new Set(['hall']), ownerUserId: null },
  }
  hear([{ topic: 'mw/g1/status', owner: ofGateway('g1'), payload: 'of north' }])
  const hall = look(inHall, { expanded: null })
  const north = look(tenant('north'), { expanded: null })
  expect(brief(hall.take())).toHaveLength(3)
  north.take()
  rows.set('g1', gatewayRow('g1', { groupId: 'yard' }))
  clock.now += 1_000
  expect(hall.take()).toMatchObject({ rows: [], gone: ['mw'], totals: { topics: 0, messages: 0 } })
  rows.set('g1', gatewayRow('g1', { tenantId: 'south' }))
  clock.now += 1_000
  expect(north.take()?.gone).toEqual(['mw'])
  expect(look(tenant('south')).take()?.rows).toEqual([])
  // Not even a look from the site shows under the new tenant what the gateway sent for the one before.
  expect(look(site).take()?.rows).toEqual([])
  hear([{ topic: 'mw/g1/status', owner: ofGateway('g1', 'south'), payload: 'of south' }])
  expect(look(tenant('south'), { expanded: null }).take()?.rows.at(-1)).toMatchObject({
    messages: 1,
    last: { preview: 'of south' },
  })
})

test.each([
  ['g1', ['mw/g1/a', 'mw/g1/b', 'x/g1']],
  ['mw/+/a', ['mw/g1/a', 'mw/g2/a']],
  ['mw/g2/#', ['mw/g2/a']],
  ['NAME OF G2', ['mw/g2/a', 'x/g1']],
  ['nothing', []],
])('searching for %s', (filter, found) => {
  const { hear, look } = plant([gatewayRow('g1'), gatewayRow('g2')])
  hear([
    { topic: 'mw/g1/a', owner: ofGateway('g1') },
    { topic: 'mw/g1/b', owner: ofGateway('g1') },
    { topic: 'mw/g2/a', owner: ofGateway('g2') },
    { topic: 'x/g1', owner: ofGateway('g2') },
  ])
  const shown = look(site, { filter, expanded: null }).take()?.rows ?? []
  expect(shown.filter(({ last }) => last !== null).map(({ path }) => path)).toEqual(found)
})

test('a site of 30,000 topics is bounded; the largest tenant’s quiet ones leave, and that is told', () => {
  const { hear, look, book } = plant([gatewayRow('g1'), gatewayRow('g2', { tenantId: 'south' })])
  hear([{ topic: 'mw/g2/status', owner: ofGateway('g2', 'south') }])
  const all = look(site, { expanded: null })
  for (let batch = 0; batch < 6; batch++)
    hear(Array.from({ length: 5_000 }, (_, n) => ({ topic: `t/${batch}/${n}`, owner: ofGateway('g1') })))
  expect([...book.all()]).toHaveLength(20_000)
  expect(look(tenant('south')).take()?.totals).toMatchObject({ topics: 1, topicsLeftOut: 0 })
  // Sent in parts, each row once.
  const parts = Array.from({ length: 9 }, () => all.take())
  expect(parts.map((part) => part?.whole)).toEqual([...Array.from({ length: 8 }, () => false), true])
  expect(new Set(parts.flatMap((part) => part?.rows.map(({ path }) => path)))).toHaveProperty('size', 5_000)
  expect(all.take()).toBeNull()
  expect(parts[0]?.totals).toMatchObject({
    topics: 20_000,
    topicsLeftOut: 10_001,
    rowsLeftOut: 15_007,
  })
})

test('what the broker had no room for is said to those of its tenant', () => {
  const { hear, look } = plant()
  const north = look(tenant('north'))
  north.take()
  hear([], {
    missed: [
      { tenantId: 'north', messages: 7 },
      { tenantId: 'south', messages: 9 },
    ],
  })
  expect(north.take()?.totals.notShown).toBe(7)
  expect(look(tenant('south')).take()?.totals.notShown).toBe(9)
  expect(look(site).take()?.totals.notShown).toBe(16)
})

test('rates are per second from the first seconds on, and fade', () => {
  const { hear, look, clock, book } = plant()
  book.openedAt = clock.now
  const rows = look()
  for (let tick = 1; tick <= 8; tick++) {
    clock.now += 250
    hear([{ topic: 'mw/x', owner: ofGateway('g1'), count: 25 }])
  }
  expect(rows.take()?.rows[0]?.rate).toBeCloseTo(100, 0)
  clock.now += 60_000
  hear([{ topic: 'other', owner: ofGateway('g1') }])
  expect(rows.take()?.totals.rate).toBeLessThan(1)
})

test('a retained message is shown until it is cleared or removed', () => {
  const { hear, look } = plant()
  const topic = 'mw/g1/status'
  hear([{ topic, owner: ofGateway('g1'), count: 0, at: 0, retained: true, payload: 'was there' }])
  const rows = look(site, { expanded: null })
  expect(rows.take()?.rows.at(-1)).toMatchObject({ retained: true, messages: 0, last: { at: null } })
  hear([], { cleared: [topic] })
  expect(rows.take()?.rows.at(-1)).toMatchObject({ retained: false })
})

test('who may see what is looked through once a second for all who share a tree', () => {
  const fleet = gatewayRow('g1', { mac: 'a0:b1:c2:00:00:01' })
  const { book, clock, hear } = plant([fleet])
  hear([{ topic: 'mw/a0b1c2000001/telemetry', owner: ofGateway('g1') }])
  let asked = 0
  let isSeen = true
  const sees = () => {
    asked += 1
    return isSeen
  }
  const gateway = () => fleet
  const tree = new TopicTree(book, sees, gateway)
  tree.start()
  const parts = { tree, book, gateway, expanded: null, now: () => clock.now }
  const all = Array.from({ length: 5 }, () => new TopicRows({ ...parts, scope: tenant(fleet.tenantId) }))
  asked = 0
  for (const rows of all) expect(rows.take()?.totals.topics).toBe(1)
  expect(asked).toBe(1)
  isSeen = false
  clock.now += 999
  for (const rows of all) expect(rows.take()).toBeNull()
  clock.now += 1
  for (const rows of all) expect(rows.take()?.totals.topics).toBe(0)
  expect(asked).toBe(2)
})
