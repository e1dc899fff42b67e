import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { aliasProblem } from '#broker/dialects/alias-problem.ts'
import { DialectBook } from '#broker/dialects/dialect-book.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { GatewayAliasTable } from '#platform/db/enrollment-schema.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { namedGateway, requireNames } from './gateway-names.ts'

let db: SiteDb
const book = new DialectBook()

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  for (const id of ['t1', 't2'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  return () => db.destroy()
})

interface Box {
  id: string
  tenantId: string
  mac: string | null
  label: string
  dialect: string
  aliases: { [K in 'topic' | 'tenant' | 'user']?: string }
}

async function put({ aliases, ...box }: Box): Promise<void> {
  await db
    .insertInto('gateways')
    .values({
      ...box,
      assignmentId: null,
      code: box.id,
      name: box.id,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      state: 'active',
      metadata: '{}',
      createdAt: 1,
      claimedAt: null,
      activatedAt: null,
      lastSeenAt: null,
      deletedAt: null,
    })
    .execute()
  for (const [kind, value] of Object.entries(aliases) as [GatewayAliasTable['kind'], string][])
    await db.insertInto('gatewayAliases').values({ gatewayId: box.id, kind, value }).execute()
}

const verdict = (id: string): Promise<string> =>
  db
    .transaction()
    .execute((trx) => requireNames(trx, book, [id]))
    .then(
      () => 'fine',
      (error: unknown) => (error instanceof ExpectedError ? error.code : String(error)),
    )

/** Names of one box that another may be called by, in any case. */
const pool = [
  'a1',
  'A1',
  'ESM-1',
  'esm-1',
  '02aabbccdd01',
  '02AABBCCDD01',
  '02:aa:bb:cc:dd:01',
  'b2',
  't1',
  'É1',
  'é1',
]
const name = fc.constantFrom(...pool)
const boxes = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('a1', 'b2', 'c3', 'd4', 'e5'),
    tenantId: fc.constantFrom('t1', 't2'),
    mac: fc.option(fc.constantFrom('02:aa:bb:cc:dd:01', '02:aa:bb:cc:dd:02')),
    label: fc.constantFrom('ESM-1', 'A1', 'B2', 'X-9', '02AABBCCDD01'),
    dialect: fc.constantFrom('canonical', 'slots', 'tds', 'direction', 'user'),
    aliases: fc.record({ topic: name, tenant: name, user: name }, { requiredKeys: [] }),
  }),
  {
    minLength: 2,
    maxLength: 5,
    comparator: (a, b) => a.id === b.id || a.label === b.label || (a.mac !== null && a.mac === b.mac),
  },
)

test('looked up by their names or compared with the whole site, gateways collide alike', async () => {
  await fc.assert(
    fc.asyncProperty(boxes, async (all) => {
      await db.deleteFrom('gatewayAliases').execute()
      await db.deleteFrom('gateways').execute()
      for (const box of all) await put(box)
      const spoken = all
        .filter(({ dialect }) => dialect !== 'canonical')
        .map((box) => namedGateway({ ...box, aliases: JSON.stringify(box.aliases) }))
      for (const { id } of all) {
        const asked = spoken.filter(({ gatewayId }) => gatewayId === id)
        const isWrong = aliasProblem(book, asked, spoken) !== null
        expect(await verdict(id)).toBe(isWrong ? 'alias_invalid' : 'fine')
      }
    }),
    { numRuns: 150 },
  )
})

test('of a fleet it is the one that is called alike, until it is gone', async () => {
  const box: Box = { id: 'g', tenantId: 't1', mac: null, label: 'NEW-1', dialect: 'direction', aliases: {} }
  for (let n = 0; n < 50; n += 1) await put({ ...box, id: `g${n}`, label: `OLD-${n}` })
  await put({ ...box, id: 'rival', label: 'OLD-X', aliases: { topic: 'PUMP' } })
  await put({ ...box, id: 'new', aliases: { topic: 'pump' } })
  expect(await verdict('new')).toBe('alias_invalid')
  await db.updateTable('gateways').set({ deletedAt: 1 }).where('id', '=', 'rival').execute()
  expect(await verdict('new')).toBe('fine')
})
