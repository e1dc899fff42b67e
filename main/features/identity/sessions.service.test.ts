import { beforeEach, expect, test } from 'vitest'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { ActorLookup } from './actor-lookup.ts'
import { type Proof, SessionsService } from './sessions.service.ts'

const NOW = Date.UTC(2026, 0, 1)
const from = { address: '10.0.0.9', userAgent: 'test' }
let db: SiteDb
let sessions: SessionsService

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const clock = { now: () => NOW }
  const log = { error: () => undefined, warn: () => undefined } as never
  sessions = new SessionsService({
    db,
    clock,
    log,
    actors: new ActorLookup({ db, tenants: new TenantsService(db, clock) }),
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    lockAfter: () => null,
  })
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  await db
    .insertInto('users')
    .values({
      id: 'ana',
      email: 'ana@x',
      name: 'Ana',
      passwordHash: 'hash',
      siteAdmin: 0,
      state: 'active',
      createdAt: 1,
    })
    .execute()
  const operator = { userId: 'ana', roleId: 'operator', reach: 'tenant' as const }
  await db
    .insertInto('memberships')
    .values([
      { ...operator, tenantId: 'north', createdAt: 1 },
      { ...operator, tenantId: 'south', createdAt: 2 },
    ])
    .execute()
  await db
    .insertInto('signOnProviders')
    .values({
      id: 'p',
      name: 'P',
      issuer: 'https://p',
      clientId: 'c',
      scopes: '',
      mappings: '[]',
      makesAccounts: 1,
      trustsEmail: 0,
      destinations: '[]',
      enabled: 1,
      createdAt: 1,
    })
    .execute()
  return () => db.destroy()
})

const draft = () =>
  new AuditDraft({
    actor: { kind: 'anonymous', id: null, name: '-' },
    action: 'x',
    address: '-',
    requestId: null,
  })
const open = (proof: Proof) => sessions.openBrowser('ana', { from, proof }, draft())
const byProgram = async () => {
  const opened = { from, proof: { passwordHash: 'hash' }, kind: 'api' as const, tokenHash: null }
  return sessions.open('ana', { ...opened, expiresAt: NOW + 1_000 }, draft())
}
const change = (changes: { passwordHash?: string | null; state?: 'suspended' }) =>
  db.updateTable('users').set(changes).execute()

test.each([
  ['another password', { passwordHash: 'another' }, { passwordHash: 'hash' }, 'wrong_credentials'],
  ['a reset that left none', { passwordHash: null }, { passwordHash: 'hash' }, 'wrong_credentials'],
] as const)(
  '%s between the check and the session refuses the session',
  async (_what, changed, proof, code) => {
    await change(changed)
    await expect(open(proof)).rejects.toMatchObject({ code })
    expect(await db.selectFrom('sessions').select('id').execute()).toEqual([])
    expect(await db.selectFrom('signInNetworks').selectAll().execute()).toEqual([])
  },
)

test('an account that is suspended while its session is being written gets none', async () => {
  // After the actor was looked up, before the transaction.
  const transaction = db.transaction.bind(db)
  let state: 'suspended' | 'active' = 'suspended'
  db.transaction = () => {
    const builder = transaction()
    const execute = builder.execute.bind(builder)
    builder.execute = async (work) => {
      await db.updateTable('users').set({ state }).execute()
      return execute(work)
    }
    return builder
  }
  await expect(open({ passwordHash: 'hash' })).rejects.toMatchObject({ code: 'wrong_credentials' })
  await db.updateTable('users').set({ state: 'active' }).execute()
  await expect(open({ providerId: 'p' })).rejects.toMatchObject({ code: 'account_suspended' })
  state = 'active'
  await db.updateTable('users').set({ state }).execute()
  expect(await open({ passwordHash: 'hash' })).toMatchObject({ actor: { id: 'ana' } })
})

test('a provider that was turned off, or is gone, on the way back opens nothing', async () => {
  await db.updateTable('signOnProviders').set({ enabled: 0 }).execute()
  await expect(open({ providerId: 'p' })).rejects.toMatchObject({ code: 'sign_on_unknown' })
  await db.deleteFrom('signOnProviders').execute()
  await expect(open({ providerId: 'p' })).rejects.toMatchObject({ code: 'sign_on_unknown' })
})

test("a program's session stays in the tenant that it began in; a browser's that chose none goes on in another", async () => {
  const { sessionId } = await byProgram()
  const { token } = await open({ passwordHash: 'hash' })
  expect(await sessions.resolveApi(sessionId)).toMatchObject({ tenantId: 'north' })
  await db.updateTable('tenants').set({ state: 'suspended' }).where('id', '=', 'north').execute()
  expect(await sessions.resolveApi(sessionId)).toEqual({ kind: 'anonymous' })
  expect(await sessions.resolve(token)).toMatchObject({ tenantId: 'south' })
})

test('a session that acts in a tenant goes with it, and never becomes one over the whole site', async () => {
  await db.updateTable('users').set({ siteAdmin: 1 }).execute()
  const { actor, token } = await open({ passwordHash: 'hash' })
  expect(actor.scope).toEqual({ all: true })
  await sessions.actIn(actor.sessionId, 'south', draft())
  expect(await sessions.resolve(token)).toMatchObject({ tenantId: 'south' })
  await db.deleteFrom('memberships').execute()
  await db.deleteFrom('tenants').where('id', '=', 'south').execute()
  expect(await sessions.resolve(token)).toEqual({ kind: 'anonymous' })
})
