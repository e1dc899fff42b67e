import { beforeEach, expect, test } from 'vitest'
import { AccessRules } from '#broker/auth/access-rules.ts'
import type { PolicyChange } from '#broker/port.ts'
import { type DialectDefinition, MOST_DIALECTS } from '#contract/model/dialect.ts'
import { auditActor, createProcedures, localSiteAdmin } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { createLog } from '#platform/log/log.ts'
import { createDialectServices, type DialectServices } from './dialect-services.ts'

const clock = { now: () => 1_771_322_400_000 }
const log = createLog({ level: 'silent' })
const site = { all: true } as const

let db: SiteDb
let told: PolicyChange[]
let dialects: DialectServices

function create(): DialectServices {
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const calls = { take: () => {} } as never
  const policy = { applyPolicy: async (changes: PolicyChange[]) => void told.push(...changes) }
  return createDialectServices(
    { db, clock, log, audit, fleet: {} as never, policy },
    createProcedures({ audit, calls, isSetUp: () => true, log }),
  )
}

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  await db
    .insertInto('tenants')
    .values({ id: 't', slug: 't', name: 'T', state: 'active', createdAt: 1 })
    .execute()
  told = []
  dialects = create()
  return () => db.destroy()
})

const draft = (): AuditDraft =>
  new AuditDraft({ actor: auditActor(localSiteAdmin), action: 'dialect.save', address: '', requestId: null })
const own = (name: string, pattern = `${name}/{gateway}/{m}`): DialectDefinition => ({
  name,
  title: name,
  clientIds: ['wire'],
  topics: [{ direction: 'to_site', pattern, kind: 'telemetry', codec: { format: 'bare', channel: '{m}' } }],
})
const save = (definition: DialectDefinition, version: number | null = null) =>
  dialects.service.save(site, definition, version, draft())

async function gateway(id: string, dialect: string, topic?: string): Promise<void> {
  await db
    .insertInto('gateways')
    .values({
      id,
      tenantId: 't',
      assignmentId: null,
      mac: null,
      code: id,
      label: `ESP-${id}`,
      name: id,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      dialect,
      state: 'active',
      metadata: '{}',
      createdAt: 1,
      claimedAt: null,
      activatedAt: null,
      lastSeenAt: null,
      deletedAt: null,
    })
    .execute()
  if (topic !== undefined)
    await db.insertInto('gatewayAliases').values({ gatewayId: id, kind: 'topic', value: topic }).execute()
}

test('one with which two gateways would share a topic is refused, and they are named', async () => {
  await save(own('acme', 'acme/{id}/{gateway}/{m}'))
  await gateway('g1', 'acme', 'box')
  await gateway('g2', 'acme', 'BOX')
  const shared = own('acme', 'acme/{gateway}/{m}')
  await expect(save(shared, 1)).rejects.toMatchObject({
    code: 'dialect_invalid',
    data: { issues: 'the gateways g1 and g2 would both have acme/box' },
  })
  expect((await dialects.service.show(site, 'acme')).version).toBe(1)
  expect(told.filter(({ op }) => op === 'put_dialect')).toHaveLength(1)
  // Of what nobody has, nothing is shared.
  await db.updateTable('gateways').set({ state: 'unclaimed' }).where('id', '=', 'g2').execute()
  expect((await save(shared, 1)).version).toBe(2)
})

test('one that begins with the name of a gateway of another dialect is refused', async () => {
  await gateway('g1', 'direction', 'plant')
  await expect(save(own('plant'))).rejects.toMatchObject({
    code: 'dialect_invalid',
    data: { issues: 'topics of the gateway g1 begin with plant' },
  })
  await save(own('other'))
})

test('a gateway that nobody has keeps no dialect in use', async () => {
  await save(own('acme'))
  await gateway('g1', 'acme')
  await expect(dialects.service.remove('acme', draft())).rejects.toMatchObject({ code: 'dialect_in_use' })
  await db.updateTable('gateways').set({ state: 'unclaimed' }).where('id', '=', 'g1').execute()
  await dialects.service.remove('acme', draft())
  expect(dialects.service.knows('acme')).toBe(false)
})

test('trying a dialect leaves those of the site as they are', async () => {
  await save(own('acme'))
  const { book } = dialects
  const before = book.get('acme')
  const as = {
    gatewayId: 'g1',
    tenantId: 't',
    wireName: 'aabb',
    mac: null,
    label: 'ESP-1',
    aliases: { topic: null, tenant: null, user: null, clientId: null, username: null },
  }
  dialects.service.tryOut(own('acme', 'plant/{gateway}/{m}'), as, [])
  expect(book.get('acme')).toBe(before)
  expect(book.roots.has('plant')).toBe(false)
  // Each of the others is the one that the site compiled when it was saved.
  expect(book.trying(own('new')).get('acme')).toBe(before)
})

test('an own dialect is saved, told to the broker, known after a restart, changed and removed', async () => {
  expect(await save(own('acme'))).toMatchObject({
    builtIn: false,
    version: 1,
    updatedBy: auditActor(localSiteAdmin).name,
  })
  await expect(save(own('acme'))).rejects.toMatchObject({ code: 'dialect_name_taken' })
  await expect(save(own('acme'), 2)).rejects.toMatchObject({ code: 'dialect_changed' })
  await expect(save(own('none'), 1)).rejects.toMatchObject({ code: 'not_found' })
  const changed = own('acme', 'acme/{gateway}/v/{m}')
  expect(await save(changed, 1)).toMatchObject({ version: 2, definition: changed })
  expect(told.map(({ op }) => op)).toEqual(['put_dialect', 'put_dialect'])

  dialects = create()
  expect(dialects.service.knows('acme')).toBe(false)
  await dialects.service.start()
  expect(dialects.service.own).toEqual([changed])
  expect(dialects.book.get('acme').definition).toEqual(changed)

  await gateway('g1', 'acme')
  await expect(dialects.service.remove('acme', draft())).rejects.toMatchObject({
    code: 'dialect_in_use',
    data: { name: 'acme', gateways: 1, profiles: 0 },
  })
  expect(dialects.service.knows('acme')).toBe(true)
  await db.updateTable('gateways').set({ dialect: 'canonical' }).execute()
  await dialects.service.remove('acme', draft())
  expect(told.at(-1)).toEqual({ op: 'remove_dialect', name: 'acme' })
  expect(() => dialects.service.requireDialect('acme')).toThrow('canonical, slots, tds, direction, user')
  expect((await dialects.service.list(site)).map(({ definition }) => definition.name)).toEqual([
    'canonical',
    'slots',
    'tds',
    'direction',
    'user',
  ])
})

test('what is dangerous, built in or too many is refused, and nothing of it is kept', async () => {
  await expect(save(own('tds'))).rejects.toMatchObject({ code: 'dialect_built_in' })
  await expect(save(own('bad', 'mw/{gateway}/{m}'))).rejects.toMatchObject({ code: 'dialect_invalid' })
  await expect(save(own('bad', 'bad/#/{m}'))).rejects.toThrow('topic 1')
  await expect(dialects.service.remove('tds', draft())).rejects.toMatchObject({ code: 'dialect_built_in' })
  await expect(dialects.service.remove('none', draft())).rejects.toMatchObject({ code: 'not_found' })
  // Two at once: one of them is too late.
  await save(own('first'))
  await expect(save(own('second', 'first/x/{gateway}/{m}'))).rejects.toThrow('first')
  for (let n = 1; n < MOST_DIALECTS; n += 1) await save(own(`own-${n}`))
  await expect(save(own('more'))).rejects.toMatchObject({ code: 'too_many_dialects' })
  expect(told).toHaveLength(MOST_DIALECTS)
})

test('a definition that this version cannot read keeps nothing from running', async () => {
  await save(own('acme'))
  await db.updateTable('dialects').set({ definition: '{"from": "the future"}' }).execute()
  dialects = create()
  await dialects.service.start()
  expect(dialects.service.own).toEqual([])
  expect(dialects.book.get('acme').name).toBe('canonical')
})

test('names that collide, are reserved or are none are told by gateway', async () => {
  await gateway('g1', 'direction', 'device-7')
  await gateway('g2', 'direction')
  await gateway('g3', 'canonical', 'device-7')
  const check = (...ids: string[]) =>
    db.transaction().execute((trx) => dialects.naming.requireNames(trx, ids))
  await check('g1', 'g2', 'g3')
  const alias = async (gatewayId: string, value: string): Promise<void> => {
    await db.replaceInto('gatewayAliases').values({ gatewayId, kind: 'topic', value }).execute()
  }
  await alias('g2', 'DEVICE-7')
  await expect(check('g2')).rejects.toMatchObject({ code: 'alias_invalid', data: { value: 'device-7' } })
  // Nobody asked about these two.
  await check('g3')
  for (const value of ['mw', 'users', 'clients', 'tds_new', 'a/b', '+', '#', '$SYS', 'a\0b']) {
    await alias('g2', value)
    await expect(check('g2')).rejects.toMatchObject({ code: 'alias_invalid', data: { value } })
  }
  await alias('g2', 'free')
  await check('g1', 'g2')
})

test('a trial does what the broker does', async () => {
  await save(own('acme'))
  const as = {
    gatewayId: 'g',
    tenantId: 't',
    wireName: 'w',
    mac: null,
    label: 'L',
    aliases: { topic: 'x', tenant: null, user: null, clientId: 'c', username: null },
  }
  const send = (topic: string, payload: string | Uint8Array = '1') => ({
    topic,
    payload: Buffer.from(payload),
  })
  const { results, rights, clientId } = dialects.service.tryOut(own('acme', 'acme/{gateway}/v/{m}'), as, [
    send('acme/x/v/flow', '3.5'),
    send('acme/x/v/flow', ''),
    send('acme/x/v/flow', new Uint8Array([0xff])),
    send('acme/x/flow'),
    send('acme/other/v/flow'),
    send('mw/w/telemetry'),
  ])
  expect(results).toMatchObject([
    { verdict: 'readings', rule: 0, readings: [{ channel: 'flow', value: 3.5, ts: null }] },
    { verdict: 'refused', reason: 'payload_invalid' },
    { verdict: 'refused', reason: 'payload_not_json' },
    { verdict: 'denied' },
    { verdict: 'denied' },
    { verdict: 'denied' },
  ])
  expect(rights).toEqual([
    { rule: 0, direction: 'to_site', kind: 'telemetry', topic: 'acme/x/v/{m}', will: false },
  ])
  expect(clientId).toBe('w')
  const slots = dialects.book.get('slots').definition
  expect(dialects.service.problemsOf(slots)).toEqual([])
  const tried = dialects.service.tryOut(slots, as, [
    send('tenants/t/devices/x/telemetry/slot/1', '{"value":1}'),
    send('tenants/t/devices/x/commands/go'),
  ])
  expect(tried.results).toMatchObject([{ verdict: 'readings' }, { verdict: 'to_gateway', kind: 'commands' }])
  // The rights that it shows are those that the broker gives.
  const rules = new AccessRules(dialects.book.get('slots'), as, {
    roots: dialects.book.roots,
    isAlone: () => true,
  })
  for (const { direction, topic } of tried.rights)
    if (direction === 'to_gateway') expect(rules.subscribing(topic)).toBeDefined()
})
