import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { FleetService, FleetState, gatewaysRepository, type RefusalFact } from '#features/fleet/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { createLog } from '#platform/log/log.ts'
import { readAnswer } from './command-answer.ts'
import { CommandDelivery, type CommandTopics } from './command-delivery.ts'
import { commandMessage } from './command-message.ts'
import { prune } from './commands.repository.ts'
import { CommandsService, MOST_OPEN, type SendRequest } from './commands.service.ts'

interface Message {
  topic: string
  payload: string
}

let db: SiteDb
let now: number
let delivery: CommandDelivery
let service: CommandsService
let topics: CommandTopics
let sent: Message[]
let refused: RefusalFact[]
let confirmed: string[]
let publish: (message: Message) => Promise<void>

const clock = { now: () => now }
const north = wholeTenant('north')
const log = createLog({ level: 'silent' })
const away = { gatewayId: 'g1' }
const here = { gatewayId: 'g1', address: '10.0.0.9' }

const newDelivery = () =>
  new CommandDelivery({
    db,
    clock,
    log,
    topicsOf: () => topics,
    publish: (message) => publish(message),
    confirm: async (receipt) => void confirmed.push(receipt),
    changed: () => undefined,
    refused: (refusal) => void refused.push(refusal),
  })

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  now = 1_000_000
  sent = []
  refused = []
  confirmed = []
  topics = { commands: 'mw/g1/commands', acknowledgements: 'mw/g1/commands/ack' }
  publish = async (message) => void sent.push(message)
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const fleet = new FleetService({
    db,
    clock,
    audit,
    tenants: new TenantsService(db, clock),
    state: new FleetState(),
    policy: { applyPolicy: async () => undefined },
    revoker: { revokeIn: async () => undefined, afterRevocation: async () => undefined },
  })
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  for (const id of ['g1', 'g2']) await addGateway(id)
  delivery = newDelivery()
  service = new CommandsService({ db, clock, audit, fleet, delivery })
  return async () => {
    await delivery.stop()
    await db.destroy()
  }
})

async function addGateway(id: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await gatewaysRepository.insertGateway(trx, {
      id,
      tenantId: 'north',
      assignmentId: `a-${id}`,
      mac: null,
      code: id.toUpperCase(),
      label: id,
      name: id,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      dialect: 'canonical',
      state: 'active',
      metadata: '{}',
      createdAt: 1,
      claimedAt: 1,
      activatedAt: 1,
      lastSeenAt: null,
      deletedAt: null,
    })
    const of = { gatewayId: id, tenantId: 'north', groupId: null, ownerUserId: null }
    await gatewaysRepository.openAssignment(trx, { id: `a-${id}`, ...of, fromAt: 1 })
  })
}

const draft = () =>
  new AuditDraft({
    actor: { kind: 'user', id: 'ana', name: 'Ana' },
    action: 'command.send',
    address: '',
    requestId: null,
  })
const send = (request: Partial<SendRequest> = {}, key: string | null = null, scope: TenantScope = north) =>
  service.send(scope, { gateway: 'g1', name: 'restart', args: {}, expiresIn: 60, ...request }, draft(), key)
const state = async (id: string) => (await service.show(north, id)).state
const answer = async (gatewayId: string, payload: unknown, receipt: string | null = null) => {
  const bytes = typeof payload === 'string' ? payload : JSON.stringify(payload)
  delivery.answered({ gatewayId, payload: Buffer.from(bytes), at: now, receipt })
  await settled()
}
/** All that was set going for g1 and g2 is done. */
const settled = async () => {
  for (let rounds = 0; rounds < 3; rounds += 1)
    for (const id of ['g1', 'g2']) await delivery.inTurn(id, async () => undefined)
}

describe('on the way', () => {
  test('waits for the gateway to listen, is sent once, and is answered', async () => {
    const { id } = await send({ args: { delay: 5 } })
    await settled()
    expect(sent).toEqual([])
    delivery.listened(here)
    await settled()
    expect(sent).toHaveLength(1)
    expect(sent[0]?.topic).toBe('mw/g1/commands')
    const expiresAt = now + 60_000
    expect(JSON.parse(sent[0]?.payload ?? '')).toEqual({ id, name: 'restart', args: { delay: 5 }, expiresAt })
    expect(await state(id)).toBe('sent')
    now += 1_000
    await answer('g1', { id, ok: true, result: { uptime: 7 } })
    expect(await service.show(north, id)).toMatchObject({
      state: 'acknowledged',
      result: { uptime: 7 },
      endedAt: new Date(now),
    })
    // A kept session that comes back is not given it again.
    delivery.wentOffline(away)
    delivery.listened(here)
    await settled()
    expect(sent).toHaveLength(1)
  })

  test('in the order given', async () => {
    delivery.listened(here)
    for (const name of ['a', 'b', 'c']) await send({ name })
    await settled()
    expect(sent.map(({ payload }) => (JSON.parse(payload) as { name: string }).name)).toEqual(['a', 'b', 'c'])
  })

  test('one that the gateway does not listen to holds up no other', async () => {
    topics = { commands: 'devices/x/{metric}/set', acknowledgements: null }
    const lamp = await send({ name: 'lamp' })
    const pump = await send({ name: 'pump', args: { value: 1 } })
    delivery.listened({ ...here, filters: ['devices/x/pump/set'] })
    await settled()
    expect(sent).toMatchObject([{ topic: 'devices/x/pump/set', payload: '1' }])
    expect([await state(lamp.id), await state(pump.id)]).toEqual(['queued', 'sent'])
    delivery.listened({ ...here, filters: ['devices/x/pump/set', 'devices/x/lamp/set'] })
    await settled()
    expect(await state(lamp.id)).toBe('sent')
    delivery.listened({ ...here, filters: [] })
    await send({ name: 'pump' })
    await settled()
    expect(sent).toHaveLength(2)
  })

  test('failed with what the gateway said; a second answer changes nothing', async () => {
    delivery.listened(here)
    const { id } = await send()
    await settled()
    await answer('g1', { id, ok: false, error: 'no such relay' })
    await answer('g1', { id, ok: true, result: 1 })
    expect(await service.show(north, id)).toMatchObject({
      state: 'failed',
      error: 'no such relay',
      result: null,
    })
    expect(delivery.ignored).toBe(1)
  })

  test('never after it expired, neither queued nor sent', async () => {
    const { id } = await send({ expiresIn: 10 })
    now += 10_000
    delivery.listened(here)
    await settled()
    expect(sent).toEqual([])
    expect(await state(id)).toBe('expired')
    const other = await send({ expiresIn: 10 })
    await settled()
    now += 10_000
    await delivery.sweep()
    expect(await state(other.id)).toBe('expired')
    // It was late, but it was done: that is what a person wants to know.
    await answer('g1', { id: other.id, ok: true })
    expect(await state(other.id)).toBe('acknowledged')
    await answer('g1', { id, ok: true })
    expect(await state(id)).toBe('expired')
  })

  test('a dialect without acknowledgement: sent is all that is ever known', async () => {
    topics = { commands: 'mw/g1/commands', acknowledgements: null }
    delivery.listened(here)
    const { id } = await send()
    await settled()
    now += 100_000
    await delivery.sweep()
    expect(await service.show(north, id)).toMatchObject({ state: 'sent', endedAt: new Date(1_000_000) })
    expect((await service.list(north, { gateway: 'g1', limit: 10 })).way.acknowledges).toBe(false)
  })

  test('a broker that starts again: it waits, and goes out when the gateway is back', async () => {
    publish = () => Promise.reject(new Error('the broker is not running'))
    delivery.listened(here)
    const { id } = await send()
    await settled()
    expect(await state(id)).toBe('queued')
    publish = async (message) => void sent.push(message)
    delivery.wentOffline(away)
    delivery.listened(here)
    await settled()
    expect(await state(id)).toBe('sent')
  })

  test('a power cut after publishing: the same id once more, and never twice in one life', async () => {
    const { id } = await send()
    // The process ends between the broker and the store.
    publish = async (message) => {
      sent.push(message)
      throw new Error('power')
    }
    delivery.listened(here)
    await settled()
    publish = async (message) => void sent.push(message)
    const next = newDelivery()
    await next.start()
    next.listened(here)
    await next.inTurn('g1', async () => undefined)
    await next.stop()
    expect(sent.map(({ payload }) => (JSON.parse(payload) as { id: string }).id)).toEqual([id, id])
    expect(await state(id)).toBe('sent')
  })
})

describe('an answer is acknowledged', () => {
  test('when it is written down, or when sending it again would change nothing', async () => {
    delivery.listened(here)
    const { id } = await send()
    await settled()
    await answer('g1', { id, ok: true }, 'first')
    expect(await state(id)).toBe('acknowledged')
    expect(confirmed).toEqual(['first'])
    await answer('g1', { id, ok: true }, 'again')
    await answer('g1', 'not an answer', 'text')
    await expect.poll(() => confirmed).toEqual(['first', 'again', 'text'])
  })

  test('not where the store did not take it: the gateway sends it again, and it counts then', async () => {
    delivery.listened(here)
    const { id } = await send()
    await settled()
    let isFull = true
    delivery.follow('bind', {
      within: async () => {
        if (isFull) throw new Error('disk full')
      },
      after: () => undefined,
    })
    await db.updateTable('commands').set({ purpose: 'bind' }).where('id', '=', id).execute()
    await answer('g1', { id, ok: true }, 'lost')
    expect([await state(id), confirmed]).toEqual(['sent', []])
    isFull = false
    await answer('g1', { id, ok: true }, 'kept')
    expect([await state(id), confirmed]).toEqual(['acknowledged', ['kept']])
  })
})

describe('answers that are not one', () => {
  test('of another gateway, to what was not sent, to nothing: ignored and counted', async () => {
    const { id } = await send()
    await answer('g1', { id, ok: true })
    expect(await state(id)).toBe('queued')
    delivery.listened(here)
    await settled()
    await answer('g2', { id, ok: true })
    await answer('g1', { id: 'ffffffff', ok: true })
    expect(await state(id)).toBe('sent')
    expect(delivery.ignored).toBe(3)
    expect(refused).toEqual([])
  })

  test.each(['', 'ok', '[]', '{"id":1,"ok":true}', '{"id":"x"}', '{"id":"x","ok":"yes"}', 'null', '\u0000'])(
    'garbage %j is recorded as a refusal',
    async (payload) => {
      delivery.listened(here)
      await answer('g1', payload)
      await delivery.stop()
      expect(refused).toMatchObject([
        { reason: 'payload_invalid', gatewayId: 'g1', address: '10.0.0.9', topic: 'mw/g1/commands/ack' },
      ])
    },
  )

  test('nothing that a gateway sends throws, and what is kept is bounded', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (payload) => {
        const read = readAnswer(payload)
        expect(read === null || typeof read.ok === 'boolean').toBe(true)
      }),
    )
    const large = readAnswer(Buffer.from(JSON.stringify({ id: 'x', ok: true, result: '"é'.repeat(60_000) })))
    expect(Buffer.byteLength(large?.result ?? '')).toBeLessThanOrEqual(64 * 1024)
    expect(JSON.parse(large?.result ?? '')).toMatchObject({ cut: true })
    const error = readAnswer(Buffer.from(JSON.stringify({ id: 'x', ok: false, error: 'e'.repeat(60_000) })))
    expect(error?.error).toHaveLength(2_000)
  })
})

describe('bounds and rights', () => {
  test('a queue has an end, arguments have a size, a gateway must be there', async () => {
    for (let at = 0; at < MOST_OPEN; at += 1) await send()
    await expect(send()).rejects.toMatchObject({ code: 'too_many_commands' })
    await send({ gateway: 'g2' })
    await expect(send({ args: { a: 'x'.repeat(17_000) } })).rejects.toMatchObject({
      code: 'command_too_large',
    })
    await expect(send({}, null, wholeTenant('south'))).rejects.toMatchObject({ code: 'not_found' })
    topics = { commands: null, acknowledgements: null }
    await expect(send({ gateway: 'g2' })).rejects.toMatchObject({ code: 'commands_unsupported' })
    await db.updateTable('gateways').set({ state: 'revoked' }).where('id', '=', 'g2').execute()
    await expect(send({ gateway: 'g2' })).rejects.toMatchObject({ code: 'gateway_state_conflict' })
  })

  test('the same key gives the same command, another request none', async () => {
    const first = await send({ args: { a: 1 } }, 'k1')
    expect((await send({ args: { a: 1 } }, 'k1')).id).toBe(first.id)
    await expect(send({ args: { a: 2 } }, 'k1')).rejects.toMatchObject({ code: 'idempotency_conflict' })
    now += 25 * 3_600_000
    expect((await send({ args: { a: 2 } }, 'k1')).id).not.toBe(first.id)
  })

  test('taken back while it waits, not after', async () => {
    const waiting = await send()
    expect((await service.cancel(north, waiting.id, draft())).state).toBe('cancelled')
    delivery.listened(here)
    await settled()
    expect(sent).toEqual([])
    const under = await send()
    await settled()
    await expect(service.cancel(north, under.id, draft())).rejects.toMatchObject({ code: 'command_ended' })
    await expect(service.cancel(wholeTenant('south'), under.id, draft())).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test.each([
    ['revoked', { state: 'revoked' as const }],
    ['unclaimed', { state: 'unclaimed' as const, assignmentId: null }],
    ['moved to another tenant', { tenantId: 'south', assignmentId: 'a2' }],
  ])('a gateway that is %s gets none of what waited, nor does who has it then see it', async (_, changes) => {
    const { id } = await send()
    const of = { gatewayId: 'g1', tenantId: 'south', groupId: null, ownerUserId: null, fromAt: 2 }
    await db
      .insertInto('assignments')
      .values({ id: 'a2', ...of, toAt: 3 })
      .execute()
    await db.updateTable('gateways').set(changes).where('id', '=', 'g1').execute()
    delivery.listened(here)
    await settled()
    expect(sent).toEqual([])
    const row = await db.selectFrom('commands').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ state: 'cancelled', error: 'gateway_left' })
    if ('tenantId' in changes) {
      const south = await service.list(wholeTenant('south'), { gateway: 'g1', limit: 10 })
      expect(south.commands).toEqual([])
      await expect(service.show(wholeTenant('south'), id)).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  test('what follows an answer to the site itself is in the same transaction', async () => {
    const followed: string[] = []
    delivery.follow('bind', {
      within: async (trx, { gatewayId }, isOk) => {
        await trx
          .updateTable('gateways')
          .set({ bindState: isOk ? 'bound' : 'pending' })
          .where('id', '=', gatewayId)
          .execute()
        if (followed.length === 0) {
          followed.push('failed')
          throw new Error('no')
        }
      },
      after: () => void followed.push('after'),
    })
    const { id } = await db.transaction().execute((trx) =>
      service.queueIn(trx, {
        gatewayId: 'g1',
        tenantId: 'north',
        assignmentId: 'a-g1',
        name: 'bind',
        args: {},
        purpose: 'bind',
        life: 60_000,
        by: { id: null, name: 'site' },
      }),
    )
    delivery.listened(here)
    delivery.queued('g1')
    await settled()
    await answer('g1', { id, ok: true })
    expect(await state(id)).toBe('sent')
    await answer('g1', { id, ok: true })
    expect(await state(id)).toBe('acknowledged')
    expect(followed).toEqual(['failed', 'after'])
    const g1 = await gatewaysRepository.gatewayById(db, { all: true }, 'g1')
    expect(g1?.bindState).toBe('bound')
  })

  test('old ones go; those of a tenant beyond its most go, never one that waits', async () => {
    const waiting = await send()
    const ended: string[] = []
    for (let at = 0; at < 5; at += 1) {
      now += 1
      const { id } = await send()
      await service.cancel(north, id, draft())
      ended.push(id)
    }
    await prune(db, now, 3)
    const left = async () =>
      (await service.list(north, { gateway: 'g1', limit: 100 })).commands.map(({ id }) => id)
    expect(await left()).toEqual([...ended.slice(2).reverse(), waiting.id])
    await prune(db, now + 91 * 86_400_000, 100)
    expect(await left()).toEqual([waiting.id])
  })

  test('a page goes on where the one before ended', async () => {
    for (let at = 0; at < 5; at += 1) {
      now += 1
      await send({ name: `c${at}` })
    }
    const first = await service.list(north, { gateway: 'g1', limit: 3 })
    expect(first.commands.map(({ name }) => name)).toEqual(['c4', 'c3', 'c2'])
    const second = await service.list(north, { gateway: 'g1', limit: 3, before: first.next ?? '' })
    expect(second.commands.map(({ name }) => name)).toEqual(['c1', 'c0'])
    expect(second.next).toBeNull()
  })
})

test('the topic holds the name where a dialect leaves room for it; a bare device gets a bare value', () => {
  const command = { id: 'i', name: 'pump', args: '{"value":true}', expiresAt: 5 }
  const json = '{"id":"i","name":"pump","args":{"value":true},"expiresAt":5}'
  const sentTo = (patterns: string[], filters?: string[]) => commandMessage(patterns, command, filters)
  expect(sentTo(['tds_new/devices/aa/commands'])).toEqual({
    topic: 'tds_new/devices/aa/commands',
    payload: json,
  })
  expect(sentTo(['tenants/t/devices/g/commands/#'])).toEqual({
    topic: 'tenants/t/devices/g/commands/pump',
    payload: json,
  })
  expect(sentTo(['devices/x/{metric}/set'])).toEqual({ topic: 'devices/x/pump/set', payload: 'true' })
  for (const level of ['{metricName}', '{n1}'])
    expect(sentTo([`devices/x/${level}/set`])).toEqual({ topic: 'devices/x/pump/set', payload: 'true' })
  expect(commandMessage(['devices/x/+/set'], { ...command, args: '{}' })).toMatchObject({
    topic: 'devices/x/pump/set',
    payload: '{"id":"i","name":"pump","args":{},"expiresAt":5}',
  })
})

test('where the gateway listens, in its own spelling; nowhere where it does not', () => {
  const command = { id: 'i', name: 'pump', args: '{}', expiresAt: 5 }
  const topic = (patterns: string[], filters: string[]) => commandMessage(patterns, command, filters)?.topic
  expect(topic(['mw/g/commands'], ['mw/time', 'mw/g/commands'])).toBe('mw/g/commands')
  expect(topic(['t/G/commands/#'], ['t/g/commands/#'])).toBe('t/g/commands/pump')
  const own = ['users/ana/devices/ESP-1/{metric}/set', 'devices/ESP-1/{metric}/set']
  expect(topic(own, ['devices/esp-1/lamp/set', 'devices/esp-1/pump/set'])).toBe('devices/esp-1/pump/set')
  expect(topic(own, ['devices/esp-1/+/set'])).toBe('devices/esp-1/pump/set')
  expect(topic(own, ['devices/esp-1/lamp/set'])).toBeUndefined()
  // `#` is the level above it too, and some subscribe to that alone.
  expect(topic(['t/G/commands/#'], ['t/g/commands'])).toBe('t/g/commands')
  // 002: the category of commands, and every category.
  expect(topic(['g/commands/down', 'g/{category}/down'], ['g/+/down'])).toBe('g/commands/down')
  expect(topic(['g/commands/down', 'g/{category}/down'], ['g/pump/down'])).toBe('g/pump/down')
})
