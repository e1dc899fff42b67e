import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Actor, auditActor, scopeOf, type TenantScope, wholeTenant } from '#features/access/index.ts'
import { CommandDelivery, CommandsService } from '#features/commands/index.ts'
import { type BoxKey, boxKey, csrOf } from '#tests/fixtures/certificate-request.ts'
import { type EnrollmentSite, enrollmentSite, START } from '../enrollment-site.fixture.ts'
import { KnockBook } from '../knocks/knock-book.ts'
import { BindService } from './bind.service.ts'
import { bindAnswer } from './bind-answer.ts'
import { CsrKnocksService } from './csr-knocks.service.ts'
import { type Notice, Notices } from './notices.ts'

const log = pino({ level: 'silent' })
let site: EnrollmentSite
let bind: BindService
let csrKnocks: CsrKnocksService
let delivery: CommandDelivery
let keys: BoxKey
let deviceId: string
let number = 0
let ana: Actor
/** Whether the dialect of boxes has a topic for answers. */
let answers = true
const sent: { id: string; name: string }[] = []
const told: { userId: string; notice: Notice }[] = []

beforeAll(async () => {
  site = await enrollmentSite()
  const book = new KnockBook({ ...site, log })
  csrKnocks = new CsrKnocksService({ ...site, book, bootstrap: { fetch: () => Promise.reject(new Error()) } })
  const topicsOf = () => ({ commands: 'commands/down', acknowledgements: answers ? 'commands/up' : null })
  delivery = new CommandDelivery({
    ...site,
    log,
    topicsOf,
    publish: async ({ payload }) => void sent.push(JSON.parse(payload)),
    confirm: async () => {},
    changed: () => {},
    refused: () => {},
  })
  const commands = new CommandsService({ ...site, delivery })
  const notices = new Notices(() => {})
  notices.posted.subscribe((one) => told.push(one))
  delivery.follow('bind', bindAnswer({ ...site, notices, gatewayChanged: () => {} }))
  bind = new BindService({ ...site, book, commands, delivery, requireDialect: () => {} })
  await site.db
    .insertInto('users')
    .values({
      id: 'ana',
      email: 'ana',
      name: 'Ana',
      passwordHash: null,
      siteAdmin: 0,
      state: 'active',
      createdAt: START,
    })
    .execute()
  ana = personOf('ana', wholeTenant('north'))
})
beforeEach(async () => {
  site.clock.at = START
  answers = true
  sent.length = 0
  told.length = 0
  number += 1
  deviceId = `grow-${number}`
  keys = await boxKey()
})
afterAll(async () => {
  await delivery.stop()
  await site.close()
})

function personOf(id: string, scope: TenantScope): Actor {
  const tenantId = scope.all ? null : scope.tenantId
  const role = { roleId: 'operator', roleName: 'operator', permissions: [], siteAdmin: scope.all }
  return { kind: 'user', id, name: id, email: id, ...role, tenantId, scope, pending: null, sessionId: id }
}

async function knock(name = deviceId) {
  const unsaid = { mac: null, label: null, chip: null, firmware: null, hardware: null }
  return csrKnocks.knock({ ...unsaid, csr: await csrOf(keys, null), deviceId: name, address: '10.0.0.9' })
}
const bindAs = (actor: Actor, code: { deviceId: string; fingerprint: string; profile?: string }) =>
  bind.bind({ actor, scope: scopeOf(actor) }, code, site.draft('gateway.bind'))
const rowOf = (id: string) =>
  site.db.selectFrom('gateways').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const aliasesOf = (id: string) =>
  site.db.selectFrom('gatewayAliases').select(['kind', 'value']).where('gatewayId', '=', id).execute()

/** The box listens, and answers what it was sent last. */
async function answer(gatewayId: string, said: { ok: boolean; error?: string }): Promise<void> {
  const before = sent.length
  delivery.listened({ gatewayId, address: '10.0.0.9' })
  await expect.poll(() => sent.length).toBeGreaterThan(before)
  const payload = Buffer.from(JSON.stringify({ id: sent.at(-1)?.id, ...said }))
  delivery.answered({ gatewayId, payload, at: site.clock.now(), receipt: null })
  await delivery.stop()
  delivery.wentOffline({ gatewayId })
}

test('who binds owns the box; it is active with its answer, and who bound it is told', async () => {
  const { publicKeyHash } = await knock()
  const { id } = await bindAs(ana, { deviceId, fingerprint: publicKeyHash })
  expect(await rowOf(id)).toMatchObject({
    tenantId: 'north',
    ownerUserId: 'ana',
    state: 'claimed',
    bindState: 'pending',
    dialect: 'direction',
    credential: 'both',
    label: deviceId.toUpperCase(),
  })
  expect(await aliasesOf(id)).toEqual(
    ['client_id', 'topic', 'username'].map((kind) => ({ kind, value: deviceId })),
  )
  const identity = site.published.at(-1)
  expect(identity).toMatchObject({ op: 'put', identity: { gatewayId: id, awaitsBind: true } })
  await answer(id, { ok: true })
  expect(sent).toMatchObject([{ name: 'bind' }])
  expect(await rowOf(id)).toMatchObject({ state: 'active', bindState: 'bound', activatedAt: START })
  expect(site.published.at(-1)).toMatchObject({ op: 'put', identity: { gatewayId: id, awaitsBind: false } })
  expect(told).toMatchObject([{ userId: 'ana', notice: { kind: 'gateway_bound', gateway: { id } } }])
})

test('a box that says no, or nothing, waits on; it is told again when somebody asks', async () => {
  const { publicKeyHash } = await knock()
  const { id } = await bindAs(ana, { deviceId, fingerprint: publicKeyHash })
  const resend = () => bind.resend({ all: true }, { gateway: id }, site.draft('gateway.resend_bind'))
  await expect(resend()).rejects.toMatchObject({ code: 'bind_conflict' })
  await answer(id, { ok: false, error: 'not mine' })
  expect(await rowOf(id)).toMatchObject({ state: 'claimed', bindState: 'pending' })
  expect(told).toMatchObject([{ userId: 'ana', notice: { kind: 'bind_failed', detail: 'not mine' } }])
  await resend()
  site.clock.at += 24 * 3_600_000
  await delivery.sweep()
  await resend()
  await answer(id, { ok: true })
  expect(await rowOf(id)).toMatchObject({ state: 'active', bindState: 'bound' })
  await expect(resend()).rejects.toMatchObject({ code: 'bind_conflict', data: { state: 'bound already' } })
})

test('a box that was suspended before it answered is bound, and stays suspended', async () => {
  const { publicKeyHash } = await knock()
  const { id } = await bindAs(ana, { deviceId, fingerprint: publicKeyHash })
  await site.fleet.transition('suspend', { all: true }, { gateway: id }, ana, site.draft())
  await answer(id, { ok: true })
  expect(await rowOf(id)).toMatchObject({ state: 'suspended', bindState: 'bound' })
})

test('where the dialect has no answers a box is bound at once', async () => {
  answers = false
  const { publicKeyHash } = await knock()
  const { id } = await bindAs(ana, { deviceId, fingerprint: publicKeyHash })
  expect(await rowOf(id)).toMatchObject({ state: 'claimed', bindState: 'bound' })
})

test('whose rights end at their own gateways binds one of their own; who acts for the site owns nothing', async () => {
  const own = {
    all: false,
    tenantId: 'north',
    within: { groupIds: new Set<string>(), ownerUserId: 'ana' },
  } as const
  const first = await knock()
  const { id } = await bindAs(personOf('ana', own), { deviceId, fingerprint: first.publicKeyHash })
  expect(await rowOf(id)).toMatchObject({ ownerUserId: 'ana' })
  keys = await boxKey()
  const second = await knock(`${deviceId}-b`)
  const ofSite = personOf('ana', { all: true })
  const code = { deviceId: `${deviceId}-b`, fingerprint: second.publicKeyHash, tenant: 'south' }
  const bound = await bind.bind({ actor: ofSite, scope: { all: true } }, code, site.draft('gateway.bind'))
  expect(await rowOf(bound.id)).toMatchObject({ tenantId: 'south', ownerUserId: null })
})

test('of two boxes under one name the code tells which is meant', async () => {
  await knock()
  const first = keys
  keys = await boxKey()
  const { publicKeyHash } = await knock()
  expect(keys).not.toBe(first)
  const { fingerprint } = await bindAs(ana, { deviceId, fingerprint: publicKeyHash })
  const { publicKeyHash: certified } = await site.db
    .selectFrom('certificates')
    .select('publicKeyHash')
    .where('fingerprint', '=', fingerprint ?? '')
    .executeTakeFirstOrThrow()
  expect(certified).toBe(publicKeyHash)
})

test('a key knocks under one name alone, and is given out once', async () => {
  const first = await knock()
  const again = await knock()
  expect([again.row.id, again.pollSecret]).toEqual([first.row.id, null])
  await expect(knock('grow-other')).rejects.toMatchObject({
    code: 'csr_refused',
    data: { reason: 'key_taken' },
  })
  await bindAs(ana, { deviceId, fingerprint: first.publicKeyHash })
  const twice = bindAs(ana, { deviceId, fingerprint: first.publicKeyHash })
  await expect(twice).rejects.toMatchObject({ code: 'bind_conflict' })
})

test('eight who show one new key at once are one box', async () => {
  const unsaid = { mac: null, label: null, chip: null, firmware: null, hardware: null, address: '10.0.0.9' }
  const csr = await csrOf(keys, null)
  const made = await Promise.all(
    Array.from({ length: 8 }, () => csrKnocks.knock({ ...unsaid, csr, deviceId })),
  )
  expect(new Set(made.map(({ row }) => row.id)).size).toBe(1)
  expect(made.filter(({ pollSecret }) => pollSecret !== null)).toHaveLength(1)
})

test('who bound a box for somebody, or had it told again, is told what became of it, and so is its owner', async () => {
  const boss = personOf('boss', { all: true })
  const { publicKeyHash } = await knock()
  const code = { deviceId, fingerprint: publicKeyHash, tenant: 'north' }
  const by = (actor: Actor) => {
    const draft = site.draft('gateway.bind')
    draft.subject = { ...draft.subject, actor: auditActor(actor) }
    return draft
  }
  const { id } = await bind.bind({ actor: boss, scope: { all: true } }, code, by(boss))
  await answer(id, { ok: false, error: 'busy' })
  expect(told).toMatchObject([{ userId: 'boss', notice: { kind: 'bind_failed' } }])
  await site.db.updateTable('gateways').set({ ownerUserId: 'ana' }).where('id', '=', id).execute()
  told.length = 0
  await bind.resend({ all: true }, { gateway: id }, by(boss))
  await answer(id, { ok: true })
  expect(told.map(({ userId }) => userId)).toEqual(['boss', 'ana'])
})
