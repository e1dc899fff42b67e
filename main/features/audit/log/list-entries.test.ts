import { afterEach, beforeEach, expect, test } from 'vitest'
import { NOW, TestAudit } from '../testing/store.ts'
import { exportEntries } from './export-entries.ts'
import { listEntries } from './list-entries.ts'
import type { AuditQuery } from './matching-entries.ts'

let audit: TestAudit

beforeEach(async () => {
  audit = await TestAudit.open()
  await audit.db
    .insertInto('tenants')
    .values({ id: 't1', slug: 'north', name: 'North', state: 'active', createdAt: 1 })
    .execute()
  // Numbers 1 to 5, a second apart.
  await audit.record('gateway.provision', { user: 'u1', about: 'g1' })
  await audit.record('gateway.suspend', { user: 'u2', about: 'g1' })
  await audit.record('gateways.list', { user: 'u1', about: 'g2' })
  await audit.record('user.update', { user: 'u1', about: 'u2' })
  await audit.record('gateway.suspend', { user: 'u1', about: 'g2' })
})
afterEach(() => audit.close())

const all: AuditQuery = { tenantId: null }
const seqs = async (query: Partial<AuditQuery>) =>
  (await listEntries(audit.db, { ...all, ...query }, { limit: 100 })).entries.map(({ seq }) => seq)

test.each<[string, Partial<AuditQuery>, number[]]>([
  ['everything, newest first', {}, [5, 4, 3, 2, 1]],
  ['a tenant', { tenantId: 't1' }, [5, 4, 3, 2, 1]],
  ['another tenant', { tenantId: 't2' }, []],
  ['an action', { action: 'gateway.suspend' }, [5, 2]],
  ['what actions begin with', { action: 'gateway.' }, [5, 2, 1]],
  ['an actor by id', { actor: 'u2' }, [2]],
  ['an actor by name, whatever its letters', { actor: 'NAME OF u2' }, [2]],
  ['a kind of actor', { actor: 'local' }, []],
  ['a kind of object', { objectKind: 'user' }, [4]],
  ['an object', { objectKind: 'gateway', objectId: 'g1' }, [2, 1]],
  ['an outcome', { outcome: 'refused' }, []],
  ['a time, its end outside', { from: NOW + 2_000, to: NOW + 4_000 }, [3, 2]],
  ['a text of the details', { text: 'CLAIMED' }, [5, 4, 3, 2, 1]],
  ['a text about a person', { text: 'u2@plant' }, [4]],
  ['signs that the search itself uses', { text: '%' }, []],
  ['the same', { text: '_ctive' }, []],
  ['an end of an escape', { text: '\\' }, []],
])('%s', async (_what, query, found) => {
  expect(await seqs(query)).toEqual(found)
})

test('pages follow each other without gap or repetition, also where many entries do not match', async () => {
  const found: number[] = []
  for (let cursor: number | undefined; ; ) {
    const page = await listEntries(audit.db, all, { cursor, limit: 2 })
    found.push(...page.entries.map(({ seq }) => seq))
    if (page.next === null) break
    cursor = page.next
  }
  expect(found).toEqual([5, 4, 3, 2, 1])
  const exact = await listEntries(audit.db, all, { limit: 5 })
  expect(exact).toMatchObject({ next: null })
  expect((await listEntries(audit.db, all, { limit: 5, cursor: 1 })).entries).toEqual([])
})

test('an entry has what it says of a person beside the rest, until that is erased', async () => {
  const { entries } = await listEntries(audit.db, { ...all, objectKind: 'user' }, { limit: 1 })
  expect(entries[0]).toMatchObject({
    actor: { kind: 'user', id: 'u1', name: 'name of u1' },
    tenant: { id: 't1', slug: 'north', name: 'North' },
    address: '10.0.0.7',
    path: '/api/v1/gateways',
    status: 200,
    details: { before: 'claimed', after: { email: 'u2@plant.example' } },
    erased: false,
  })
  await audit.erase('u2')
  const after = await listEntries(audit.db, all, { limit: 10 })
  expect(after.entries.find(({ seq }) => seq === 4)).toMatchObject({
    actor: { name: 'name of u1' },
    details: { before: 'claimed', after: 'active' },
    erased: true,
  })
  expect(after.entries.find(({ seq }) => seq === 2)).toMatchObject({
    actor: { id: 'u2', name: null },
    address: null,
    erased: true,
  })
  expect(JSON.stringify(after)).not.toContain('u2@plant')
  expect(JSON.stringify(after)).not.toContain('name of u2')
})

test('a store that somebody spoilt is still shown', async () => {
  await audit.db.updateTable('auditEntries').set({ details: '{oops' }).where('seq', '=', 5).execute()
  const { entries } = await listEntries(audit.db, all, { limit: 1 })
  expect(entries[0]?.details).toEqual({ damaged: '{oops' })
})

test('an export has what matches, oldest first, and says how much', async () => {
  let text = ''
  const total = await exportEntries(
    audit.db,
    { query: { ...all, action: 'gateway.' }, format: 'jsonl', raw: false },
    async (bytes) => {
      text += new TextDecoder().decode(bytes)
    },
  )
  expect(total).toEqual({ entries: 3 })
  const entries = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; chain: string })
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 5])
  expect(entries[2]?.chain).toBe((await audit.verify()).chain)
})
