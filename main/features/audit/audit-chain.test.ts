import { beforeEach, expect, test } from 'vitest'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { AuditService } from './audit.service.ts'
import { AuditDraft } from './audit-draft.ts'

let db: SiteDb
let audit: AuditService
const key = new Uint8Array(32).fill(7)

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  audit = new AuditService(db, { now: () => 1_800_000_000_000 }, () => key)
  for (const action of ['site.setup', 'gateway.provision', 'gateway.suspend', 'gateway.revoke']) {
    const actor = { kind: 'local' as const, id: null, name: 'Ana' }
    const draft = new AuditDraft({ actor, action, address: '10.0.0.7', requestId: action })
    await audit.record(draft.about('gateway', 'g1', null, { action }), 'done')
  }
  return () => db.destroy()
})

const entry = (seq: number) => db.updateTable('auditEntries').where('seq', '=', seq)

test('what was written holds, all of it and the newest alone', async () => {
  expect(await audit.checkNewest(100)).toBeNull()
  expect(await audit.checkNewest(2)).toBeNull()
})

test('a changed entry is found', async () => {
  await entry(2).set({ outcome: 'refused' }).execute()
  expect(await audit.checkNewest(100)).toBe(2)
  // It is older than what is asked for here.
  expect(await audit.checkNewest(2)).toBeNull()
})

test('an entry that was taken out is found at the next one', async () => {
  await db.deleteFrom('auditPersonal').where('seq', '=', 2).execute()
  await db.deleteFrom('auditEntries').where('seq', '=', 2).execute()
  expect(await audit.checkNewest(100)).toBe(3)
})

test('an entry that was written without the key is found', async () => {
  const forger = new AuditService(db, { now: () => 1_800_000_000_000 }, () => new Uint8Array(32))
  const actor = { kind: 'user' as const, id: 'u1', name: 'Eve' }
  await forger.record(
    new AuditDraft({ actor, action: 'site.setup', address: '10.0.0.9', requestId: null }),
    'done',
  )
  expect(await audit.checkNewest(100)).toBe(5)
})

test('a changed name is found, and a deleted one is not tampering', async () => {
  await db.deleteFrom('auditPersonal').where('seq', '=', 3).execute()
  expect(await audit.checkNewest(100)).toBeNull()
  await db.updateTable('auditPersonal').set({ actorName: 'Bruno' }).where('seq', '=', 4).execute()
  expect(await audit.checkNewest(100)).toBe(4)
})
