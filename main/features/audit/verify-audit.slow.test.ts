import { readFile, rm, writeFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditFinding } from '#contract/model/audit.ts'
import { AuditService } from './audit.service.ts'
import { AuditDraft } from './audit-draft.ts'
import { NOW, TestAudit } from './testing/store.ts'

let audit: TestAudit

beforeEach(async () => {
  audit = await TestAudit.open()
  for (const action of [
    'gateway.provision',
    'gateway.suspend',
    'user.update',
    'gateway.resume',
    'gateway.revoke',
  ])
    await audit.record(action, action.startsWith('user') ? { about: 'u2' } : {})
})
afterEach(() => audit.close())

const found = (kind: AuditFinding['kind'], seq: number | null, toSeq = seq) => ({ kind, seq, toSeq })
const findings = async () => (await audit.verify()).findings
const run = (statement: string) => sql.raw(statement).execute(audit.db)

test('what was written holds, all of it and the newest alone', async () => {
  const report = await audit.verify()
  expect(report).toMatchObject({ sound: true, entries: 5, firstSeq: 1, lastSeq: 5, sealedSeq: 5, found: 0 })
  expect(report.chain).toMatch(/^[0-9a-f]{64}$/)
  expect(await audit.service.checkNewest(100)).toBeNull()
  expect(await audit.service.checkNewest(2)).toBeNull()
})

test.each([
  'at',
  'actorKind',
  'actorId',
  'action',
  'objectKind',
  'objectId',
  'tenantId',
  'outcome',
  'errorCode',
  'status',
  'path',
  'requestId',
  'durationMs',
  'details',
  'subjectId',
  'format',
])('a changed %s is found', async (column) => {
  const value = ['at', 'status', 'durationMs', 'format'].includes(column) ? 1 : `'x'`
  await run(`update auditEntries set ${column} = ${value} where seq = 2`)
  expect(await findings()).toContainEqual(found('changed', 2))
  expect(await audit.service.checkNewest(100)).toBe(2)
  // It is older than what is asked for here.
  expect(await audit.service.checkNewest(2)).toBeNull()
})

test('an entry that was taken out is found at the next one', async () => {
  for (const table of ['auditPersonal', 'auditEntries']) await run(`delete from ${table} where seq = 2`)
  expect(await findings()).toEqual([found('missing', 2)])
  expect(await audit.service.checkNewest(100)).toBe(3)
})

test.each([-5, 0, '-9223372036854775807', '9223372036854775807'])(
  'an entry under a number that no site gives is found: %s',
  async (seq) => {
    const columns = `at, actorKind, action, outcome, details, personalHash, chain, format`
    await run(
      `insert into auditEntries (seq, ${columns}) select ${seq}, ${columns} from auditEntries where seq = 1`,
    )
    const shown = Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number(seq), Number.MAX_SAFE_INTEGER))
    expect((await audit.prove()).findings).toContainEqual(found('changed', shown))
  },
)

test('entries that changed places are found', async () => {
  await run('pragma foreign_keys = off')
  for (const [from, to] of [
    [2, 99],
    [4, 2],
    [99, 4],
  ])
    for (const table of ['auditPersonal', 'auditEntries'])
      await run(`update ${table} set seq = ${to} where seq = ${from}`)
  expect(await findings()).toEqual([2, 3, 4, 5].map((seq) => found('changed', seq)))
})

test('an entry that was written without the key is found', async () => {
  const forger = new AuditService(audit.db, { now: () => NOW }, () => new Uint8Array(32))
  const actor = { kind: 'user' as const, id: 'u1', name: 'Eve' }
  await forger.record(new AuditDraft({ actor, action: 'x', address: '10.0.0.9', requestId: null }), 'done')
  expect(await findings()).toEqual([found('changed', 6)])
  expect(await audit.service.checkNewest(100)).toBe(6)
})

test('personal parts that were replaced or taken away are found', async () => {
  await run(`update auditPersonal set actorName = 'Bruno' where seq = 1`)
  await run(`update auditPersonal set address = '10.0.0.8' where seq = 2`)
  await run(`update auditSubjects set details = '{}' where seq = 3`)
  await run(`delete from auditPersonal where seq = 4`)
  expect(await findings()).toEqual([
    found('personal_changed', 1),
    found('personal_changed', 2),
    found('personal_changed', 3),
    found('personal_missing', 4),
  ])
})

test('personal parts that a person asked to be erased are not missed, those of others are', async () => {
  await audit.record('gateway.claim', { user: 'u2' })
  await audit.record('gateway.claim', { user: 'u3' })
  expect(await audit.erase('u2')).toBe(2)
  const { rows } = await sql<{ seq: number }>`select seq from auditPersonal where seq > 5`.execute(audit.db)
  expect(rows.map(({ seq }) => seq)).toEqual([7, 8])
  const left = await audit.db.selectFrom('auditSubjects').selectAll().execute()
  expect(left).toEqual([])
  expect(await audit.verify()).toMatchObject({ sound: true, erased: 2, entries: 8 })
  // Nor can that excuse be taken for another.
  await run('delete from auditPersonal where seq = 7')
  expect(await findings()).toEqual([found('personal_missing', 7)])
  await run(`update auditEntries set objectId = 'u3' where seq = 8`)
  expect(await findings()).toContainEqual(found('changed', 8))
  expect(await findings()).toContainEqual(found('personal_missing', 7))
})

test('newest entries that were cut off are found, at once and after the site went on', async () => {
  await audit.service.flush()
  for (const table of ['auditSubjects', 'auditPersonal', 'auditEntries'])
    await run(`delete from ${table} where seq > 3`)
  expect((await audit.prove()).findings).toEqual([found('truncated', 4, 5)])
  // A site that goes on tells it, and gives no number twice.
  await audit.record('gateway.suspend')
  await audit.service.flush()
  expect(await findings()).toEqual([found('missing', 4, 5), found('recorded', 7)])
})

test('the same at the next start', async () => {
  await audit.service.stop()
  for (const table of ['auditSubjects', 'auditPersonal', 'auditEntries'])
    await run(`delete from ${table} where seq > 3`)
  await audit.restart()
  expect(await findings()).toEqual([found('missing', 4, 5), found('recorded', 6)])
  const entry = await audit.db.selectFrom('auditEntries').selectAll().where('seq', '=', 6).executeTakeFirst()
  expect(entry).toMatchObject({ action: 'audit.tampered', outcome: 'failed' })
  expect(JSON.parse(entry?.details ?? '')).toEqual({ problem: 'truncated', sealedUpTo: 5 })
})

test('everything at once, also', async () => {
  await audit.service.flush()
  for (const table of ['auditSubjects', 'auditPersonal', 'auditEntries']) await run(`delete from ${table}`)
  expect((await audit.prove()).findings).toEqual([found('truncated', 1, 5)])
})

test('everything at once with the sealed head, before the next start and after it', async () => {
  await audit.service.start(1_000)
  await audit.service.stop()
  for (const table of [
    'auditSubjects',
    'auditPersonal',
    'auditEntries',
    'auditCheckpoints',
    'sqlite_sequence',
  ])
    await run(`delete from ${table}`)
  await rm(audit.headFile)
  expect((await audit.prove()).findings).toEqual([found('head_missing', null), found('truncated', 1)])
  await audit.restart()
  await audit.record('gateway.suspend')
  expect(await findings()).toEqual([found('recorded', 1)])
})

test('a sealed head that is gone, changed or of another store is found, and stays found', async () => {
  await audit.service.stop()
  await rm(audit.headFile)
  expect((await audit.prove()).findings).toEqual([found('head_missing', null)])
  await audit.restart()
  expect(await findings()).toEqual([found('recorded', 6)])

  await audit.service.stop()
  const sealed = await readFile(audit.headFile)
  sealed[20] = (sealed[20] ?? 0) ^ 1
  await writeFile(audit.headFile, sealed)
  expect((await audit.prove()).findings).toEqual([found('head_changed', null), found('recorded', 6)])
  await audit.restart()
  expect((await findings()).map(({ seq }) => seq)).toEqual([6, 7])
})

test('a newer tail in the place of the old one is found by the head', async () => {
  await audit.service.flush()
  const sealed = await readFile(audit.headFile)
  await run('delete from auditPersonal where seq = 5')
  await run('delete from auditEntries where seq = 5')
  // An engine of the same key, but an earlier head: a restored copy that went on.
  const other = new AuditService(audit.db, { now: () => NOW }, () => new Uint8Array(32).fill(7))
  const actor = { kind: 'user' as const, id: 'u1', name: 'Eve' }
  await other.record(new AuditDraft({ actor, action: 'x', address: '10.0.0.9', requestId: null }), 'done')
  await writeFile(audit.headFile, sealed)
  expect((await audit.prove()).findings).toEqual([found('head_differs', 5)])
})

test('the head lags behind what is on disk, and is never before it', async () => {
  await audit.service.flush()
  await audit.record('gateway.suspend')
  expect(await audit.prove()).toMatchObject({ sound: true, lastSeq: 6, sealedSeq: 5 })
  const failing = audit.db.transaction().execute(async (trx) => {
    const actor = { kind: 'local' as const, id: null, name: 'x' }
    await audit.service.recordIn(trx, new AuditDraft({ actor, action: 'x', address: 'x', requestId: null }))
    throw new Error('the change failed')
  })
  await expect(failing).rejects.toThrow('the change failed')
  expect(await audit.verify()).toMatchObject({ sound: true, lastSeq: 6, sealedSeq: 6 })
})

test('entries that retention cut are proved by where it cut', async () => {
  const third = NOW + 3_000
  expect(await audit.cut(third)).toBe(2)
  const report = await audit.verify()
  expect(report).toMatchObject({
    sound: true,
    firstSeq: 3,
    lastSeq: 6,
    entries: 4,
    checkpoint: { seq: 2, entries: 2 },
  })
  await audit.record('gateway.suspend')
  expect(await audit.cut(NOW + 4_000)).toBe(1)
  expect(await audit.verify()).toMatchObject({ sound: true, firstSeq: 4, checkpoint: { seq: 3, entries: 3 } })
  expect(await audit.service.checkNewest(100)).toBeNull()
  // Whoever else takes away the oldest has no such proof.
  await run('delete from auditSubjects where seq = 4')
  await run('delete from auditPersonal where seq = 4')
  await run('delete from auditEntries where seq = 4')
  expect(await findings()).toEqual([found('missing', 4)])
  await run('update auditCheckpoints set seq = 4 where seq = 3')
  expect(await findings()).toContainEqual(found('checkpoint_changed', 4))
  await run('delete from auditCheckpoints')
  expect(await findings()).toEqual([found('checkpoint_missing', 1, 4)])
})

test('retention keeps the newest entry, and numbers go on', async () => {
  await audit.service.flush()
  expect(await audit.cut(NOW + 1_000_000)).toBe(4)
  expect(await audit.verify()).toMatchObject({ sound: true, firstSeq: 5, lastSeq: 6 })
  await audit.restart()
  await audit.record('gateway.suspend')
  expect(await audit.verify()).toMatchObject({ sound: true, lastSeq: 7 })
})
