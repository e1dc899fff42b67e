import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { DialectBook } from '#broker/dialects/dialect-book.ts'
import type { BrokerEvent } from '#broker/port.ts'
import { HOUR, hourOf } from '#contract/model/quota.ts'
import { LimitedLog } from './limited-log.ts'
import { LONGEST_DELAY, MessageLimits, type Sender, type Verdict } from './message-limits.ts'
import type { TenantPolicy } from './tenant-policy.ts'
import { Tenants } from './tenants.ts'

const START = hourOf(1_771_322_400_000)
const tenant: TenantPolicy = {
  tenantId: 't',
  state: 'active',
  passwordGateways: false,
  messagesPerHour: 1_000_000,
  messagesPerSecond: null,
  burst: null,
  gatewayMessagesPerSecond: null,
  gatewayBurst: null,
}

const dialects = new DialectBook()
let now: number
let tenants: Tenants
let events: BrokerEvent[]
let log: LimitedLog
let limits: MessageLimits
beforeEach(() => {
  now = START
  tenants = new Tenants(() => now)
  events = []
  log = new LimitedLog(
    tenants,
    (event) => events.push(event),
    () => now,
  )
  limits = new MessageLimits(
    tenants,
    log,
    (dialect) => dialects.get(dialect).rates,
    () => now,
  )
})

const gateway = (id: string, dialect = 'canonical'): Sender => ({
  kind: 'gateway',
  id,
  identity: { tenantId: 't', dialect },
})
const client: Sender = { kind: 'client', id: 'c', identity: { tenantId: 't' } }

function send(sender: Sender, count: number, qos: 0 | 1 | 2 = 0, topic: string | null = null): Verdict[] {
  return Array.from({ length: count }, () => limits.judge(sender, { qos, telemetryTopic: topic }))
}
const passed = (verdicts: Verdict[]) => verdicts.filter((verdict) => typeof verdict === 'number').length

test("a gateway's own rate comes before its dialect's, and never lifts what its tenant may", () => {
  const own: Sender = {
    kind: 'gateway',
    id: 'own',
    identity: { tenantId: 't', dialect: 'canonical', rate: { perSecond: 10, burst: 20 } },
  }
  expect(passed(send(own, 100))).toBe(20)
  tenants.put({ ...tenant, gatewayMessagesPerSecond: 1, gatewayBurst: 3 })
  now += 60_000
  expect(passed(send(own, 100))).toBe(3)
  tenants.put({ ...tenant, gatewayMessagesPerSecond: 50, gatewayBurst: 60 })
  now += 60_000
  expect(passed(send(own, 100))).toBe(20)
  // The slower of both, and the smaller burst, whichever has which.
  tenants.put({ ...tenant, gatewayMessagesPerSecond: 50, gatewayBurst: 5 })
  now += 60_000
  expect(passed(send(own, 100))).toBe(5)
  now += 100
  expect(passed(send(own, 100))).toBe(1)
})

test('each gateway has the bucket of its dialect, and an MQTT client one of its own', () => {
  expect(passed(send(gateway('a'), 600))).toBe(500)
  expect(passed(send(gateway('b'), 600))).toBe(500)
  expect(passed(send(client, 600))).toBe(500)
  expect(passed(send(gateway('s', 'slots'), 600))).toBe(5)
  now += 60_000
  expect(passed(send(gateway('s', 'slots'), 1))).toBe(1)
  log.stop()
  expect(events).toEqual([
    {
      type: 'limited',
      at: now,
      counts: ['a', 'b', 'c', 's'].map((id) => ({
        gatewayId: id === 'c' ? null : id,
        clientId: id === 'c' ? id : null,
        tenantId: 't',
        dropped: id === 's' ? 595 : 100,
        delayed: 0,
        closed: 0,
      })),
    },
  ])
})

test('a slot has a bucket beside that of its gateway', () => {
  tenants.put({ ...tenant, gatewayMessagesPerSecond: 100, gatewayBurst: 100 })
  const slots = gateway('s', 'slots')
  expect(passed(send(slots, 50, 0, 'slot/1'))).toBe(5)
  expect(passed(send(slots, 50, 0, 'slot/2'))).toBe(5)
  expect(passed(send(slots, 50))).toBe(50)
})

test('what is acknowledged is never lost: it waits as long as the debt, and ten seconds at the most', () => {
  expect(send(gateway('a'), 500, 1)).toEqual(new Array(500).fill(0))
  expect(send(gateway('a'), 3, 2)).toEqual([10, 20, 30])
  const more = send(gateway('a'), 5_000, 1)
  expect(Math.max(...more.map(Number))).toBe(LONGEST_DELAY)
  expect(passed(more)).toBe(5_000)
  expect(send(gateway('a'), 1, 0)).toEqual(['drop'])
  expect(log.totals).toEqual({ dropped: 1, delayed: 5_003, closed: 0 })
})

test('a tenant may choose the rate of its gateways, also while they send', () => {
  expect(passed(send(gateway('a'), 600))).toBe(500)
  tenants.put({ ...tenant, gatewayMessagesPerSecond: 1_000 })
  now += 100
  expect(passed(send(gateway('a'), 6_000))).toBe(5_000 - 490)
  tenants.put({ ...tenant, gatewayMessagesPerSecond: 1, gatewayBurst: 2 })
  now += HOUR
  expect(passed(send(gateway('a'), 600))).toBe(2)
  expect(passed(send(client, 600))).toBe(500)
})

test('a bucket of the whole tenant slows and drops whoever comes last', () => {
  tenants.put({ ...tenant, messagesPerSecond: 10, burst: 20 })
  expect(passed(send(gateway('a'), 15))).toBe(15)
  expect(passed(send(client, 15))).toBe(5)
  expect(send(gateway('b'), 2, 1)).toEqual([100, 200])
})

test('what may come at once is what the emptiest bucket has', () => {
  expect(limits.roomOf(client)).toBe(500)
  send(client, 100)
  expect(limits.roomOf(client)).toBe(400)
  expect(limits.roomOf(gateway('a'))).toBe(500)
  tenants.put({ ...tenant, messagesPerSecond: 10, burst: 20, gatewayMessagesPerSecond: 100 })
  expect(limits.roomOf(gateway('a'))).toBe(20)
  // Any of its messages may be of a slot that it sent nothing of yet, or of the one that is used up.
  expect(limits.roomOf(gateway('s', 'slots'))).toBe(5)
  send(gateway('s', 'slots'), 5, 0, 'slot/1')
  expect(limits.roomOf(gateway('s', 'slots'))).toBe(0)
})

test('a last will counts for everything, and is never held back', () => {
  tenants.put({ ...tenant, messagesPerHour: 4, messagesPerSecond: 100 })
  limits.countWill(gateway('a'))
  expect(limits.roomOf(gateway('a'))).toBe(499)
  for (let n = 0; n < 3; n++) limits.countWill(client)
  expect(limits.roomOf(gateway('b'))).toBe(496)
  expect(tenants.isUsedUp('t')).toBe(true)
  limits.countWill(client)
  expect(log.totals).toEqual({ dropped: 0, delayed: 0, closed: 0 })
})

test('over the quota QoS 0 is dropped and what wants an answer is closed, until the hour is over', () => {
  tenants.put({ ...tenant, messagesPerHour: 100, messagesThisHour: 40 })
  expect(passed(send(gateway('a'), 100))).toBe(60)
  expect(tenants.isUsedUp('t')).toBe(true)
  expect([...send(client, 1, 1), ...send(gateway('b'), 1, 2), ...send(gateway('b'), 1)]).toEqual([
    'close',
    'close',
    'drop',
  ])
  expect(log.totals).toEqual({ dropped: 41, delayed: 0, closed: 2 })
  now = START + HOUR
  expect(tenants.isUsedUp('t')).toBe(false)
  expect(passed(send(gateway('a'), 200))).toBe(100)
  log.stop()
  expect(events.filter(({ type }) => type === 'tenantMessages')).toEqual([
    { type: 'tenantMessages', hour: START, counts: [{ tenantId: 't', messages: 100 }] },
    { type: 'tenantMessages', hour: START + HOUR, counts: [{ tenantId: 't', messages: 100 }] },
  ])
})

test('a change of the quota keeps what was counted, and a tenant that nobody told of has none', () => {
  tenants.put({ ...tenant, messagesPerHour: 1_000 })
  send(gateway('a'), 400)
  tenants.put({ ...tenant, messagesPerHour: 400 })
  expect(tenants.isUsedUp('t')).toBe(true)
  tenants.remove('t')
  expect(tenants.isUsedUp('t')).toBe(false)
  expect(passed(send(gateway('a'), 200))).toBe(100)
})

test('of any traffic, the messages taken and those limited are all that was sent', () => {
  const traffic = fc.array(
    fc.record({
      from: fc.constantFrom(gateway('a'), gateway('s', 'slots'), client),
      qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      later: fc.integer({ min: -50, max: 2_000 }),
    }),
    { minLength: 1, maxLength: 400 },
  )
  const property = fc.property(traffic, fc.integer({ min: 0, max: 300 }), (messages, quota) => {
    now = START
    tenants.remove('t')
    tenants.put({ ...tenant, messagesPerHour: quota })
    const [before, seen] = [{ ...log.totals }, events.length]
    let taken = 0
    for (const { from, qos, later } of messages) {
      now = Math.max(START, now + later)
      const verdict = limits.judge(from, { qos, telemetryTopic: 'x' })
      if (typeof verdict !== 'number') continue
      taken += 1
      expect(verdict).toBeLessThanOrEqual(qos === 0 ? 0 : LONGEST_DELAY)
    }
    const { dropped, closed } = log.totals
    expect(taken + dropped - before.dropped + closed - before.closed).toBe(messages.length)
    if (now < START + HOUR) expect(taken).toBeLessThanOrEqual(quota)
    log.stop()
    const told = events.slice(seen).filter((event) => event.type === 'tenantMessages')
    expect(told.reduce((sum, { counts }) => sum + (counts[0]?.messages ?? 0), 0)).toBe(taken)
  })
  fc.assert(property, { numRuns: 200 })
})
