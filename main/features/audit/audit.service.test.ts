import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditDraft, type AuditSubject } from './audit-draft.ts'
import { TestAudit } from './testing/store.ts'

let audit: TestAudit
beforeEach(async () => {
  audit = await TestAudit.open()
})
afterEach(() => audit.close())

const subject = (more: Partial<AuditSubject> = {}): AuditSubject => ({
  actor: { kind: 'anonymous', id: null, name: 'anonymous' },
  action: 'auth.login',
  address: '10.0.0.7',
  requestId: 'r1',
  ...more,
})

async function newest() {
  return audit.db
    .selectFrom('auditEntries')
    .innerJoin('auditPersonal', 'auditPersonal.seq', 'auditEntries.seq')
    .selectAll('auditEntries')
    .select(['actorName', 'address'])
    .orderBy('auditEntries.seq', 'desc')
    .executeTakeFirstOrThrow()
}

test('a call is kept with its path, status and duration; what nobody called without', async () => {
  const path = '/api/v1/auth/session'
  await audit.service.record(new AuditDraft(subject({ path, successStatus: 201 })), 'done')
  expect(await newest()).toMatchObject({ path, status: 201, errorCode: null })
  expect((await newest()).durationMs).toBeGreaterThanOrEqual(0)
  await audit.service.record(new AuditDraft(subject({ path })), 'failed', 'wrong_credentials')
  expect(await newest()).toMatchObject({ status: 401, errorCode: 'wrong_credentials' })
  await audit.service.record(new AuditDraft(subject({ path })), 'failed', 'INTERNAL_SERVER_ERROR')
  expect(await newest()).toMatchObject({ status: 500 })
  await audit.service.record(new AuditDraft(subject()), 'done')
  expect(await newest()).toMatchObject({ path: null, status: null, durationMs: null })
})

test('no text from outside breaks a line, and whatever it is the chain holds', async () => {
  const nasty = 'Eve\r\n2026 admin\u2028\u202edone\0\x1b[2J \ud800'
  const actor = { kind: 'user' as const, id: 'u1', name: nasty }
  const draft = new AuditDraft(
    subject({ actor, action: nasty, address: nasty, requestId: nasty, path: `/x/${nasty}` }),
  )
  await audit.service.record(draft.about(nasty, nasty, nasty, { [nasty]: nasty }), 'failed', nasty)
  const entry = await newest()
  for (const text of Object.values(entry).filter((value) => typeof value === 'string'))
    expect(text).not.toMatch(/[\r\n\0\x1b]/)
  expect(entry.actorName).toBe('Eve\\u000d\\u000a2026 admin\\u2028\\u202edone\\u0000\\u001b[2J \ufffd')
  expect(await audit.verify()).toMatchObject({ sound: true })
})

test('who is refused too often is counted, and the count is an entry', async () => {
  for (let i = 0; i < 100; i++)
    await audit.service.recordFailure(new AuditDraft(subject()), 'failed', 'wrong_credentials')
  for (let i = 0; i < 400; i++)
    await audit.service.recordFailure(
      new AuditDraft(subject({ address: `2001:db8::${i.toString(16)}` })),
      'failed',
      'wrong_credentials',
    )
  await audit.service.stop()
  const { length } = await audit.db.selectFrom('auditEntries').select('seq').execute()
  // 30 of one address, 300 of strangers in all, and that there were more.
  expect(length).toBe(301)
  const entry = await newest()
  expect(entry).toMatchObject({ action: 'access.refused', outcome: 'refused', actorKind: 'system' })
  expect(JSON.parse(entry.details)).toMatchObject({ count: 200 })
})

test('people do not hide behind strangers, nor the other way round', async () => {
  const eve = { kind: 'user' as const, id: 'eve', name: 'Eve' }
  for (let i = 0; i < 400; i++)
    await audit.service.recordFailure(new AuditDraft(subject({ actor: eve })), 'refused', 'forbidden')
  const ana = { kind: 'user' as const, id: 'ana', name: 'Ana' }
  await audit.service.recordFailure(new AuditDraft(subject({ actor: ana })), 'refused', 'forbidden')
  expect(await newest()).toMatchObject({ seq: 301, actorId: 'ana' })
})
