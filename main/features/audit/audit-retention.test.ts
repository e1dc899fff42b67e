import { sql } from 'kysely'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { AuditDraft } from './audit-draft.ts'
import { AuditRetention } from './audit-retention.ts'
import { KEY, NOW, TestAudit } from './testing/store.ts'

const DAY = 86_400_000
let audit: TestAudit
let retention: AuditRetention

beforeEach(async () => {
  audit = await TestAudit.open()
  retention = new AuditRetention({
    db: audit.db,
    audit: audit.service,
    key: () => KEY,
    clock: { now: () => audit.now },
    log: pino({ level: 'silent' }),
  })
  for (const days of [0, 25, 50, 75, 100, 125, 150]) {
    audit.now = NOW + days * DAY
    await audit.record('gateway.suspend')
  }
})
afterEach(async () => {
  await retention.stop()
  await audit.close()
})

const draft = () =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'x' },
    action: 'audit.settings',
    address: 'local',
    requestId: null,
  })
const report = () => audit.verify()
const run = (statement: string) => sql.raw(statement).execute(audit.db)
const days = (count: number) => {
  audit.now = NOW + count * DAY
}
/** Chosen, and cut by that. */
async function choose(retentionDays: number | null): Promise<void> {
  await retention.update({ retentionDays }, draft())
  await retention.cut()
}

test('everything is kept for ever, until somebody chooses', async () => {
  expect(await retention.settings()).toEqual({ retentionDays: null })
  expect(await retention.cut()).toBe(0)
})

test('what is older is cut soon after the choice, which is an entry', async () => {
  await retention.update({ retentionDays: 120 }, draft())
  await eventually(async () => (await report()).checkpoint !== null, 'the cut')
  expect(await report()).toMatchObject({ sound: true, firstSeq: 3, checkpoint: { seq: 2, entries: 2 } })
  const entries = await audit.db.selectFrom('auditEntries').select(['action', 'details']).execute()
  expect(entries.slice(-2).map(({ action }) => action)).toEqual(['audit.settings', 'audit.cut'])
  expect(JSON.parse(entries.at(-2)?.details ?? '')).toEqual({
    before: { retentionDays: null },
    after: { retentionDays: 120 },
  })
  expect(JSON.parse(entries.at(-1)?.details ?? '')).toMatchObject({ upTo: 2, entries: 2 })
  expect(await audit.db.selectFrom('auditPersonal').select('seq').where('seq', '=', 1).execute()).toEqual([])
})

test('a clock that was set back leaves entries in the order of their numbers', async () => {
  audit.now = NOW + 10 * DAY
  await audit.record('gateway.resume')
  audit.now = NOW + 160 * DAY
  await audit.record('gateway.resume')
  expect(await audit.cut(NOW + 60 * DAY)).toBe(3)
  expect(await report()).toMatchObject({ sound: true, firstSeq: 4 })
})

test('many entries are cut in slices, each of them proved', async () => {
  audit.now = NOW
  for (let i = 0; i < 1_200; i++) await audit.record('x')
  expect(await audit.cut(NOW + 1_000 * DAY)).toBe(1_206)
  expect(await report()).toMatchObject({ sound: true, checkpoint: { entries: 1_206 } })
  expect((await audit.db.selectFrom('auditCheckpoints').select('seq').execute()).length).toBe(1)
})

test.each([
  ['that nobody chose', '{"retentionDays":90}'],
  ['too short to be chosen', '{"retentionDays":0}'],
  ['that is no setting', 'x'],
])('a setting in the store %s cuts nothing', async (_what, value) => {
  await run(`insert into settings (key, value) values ('audit', '${value}')`)
  expect(await retention.cut()).toBe(0)
  expect(await report()).toMatchObject({ sound: true, firstSeq: 1 })
})

test('nor does one other than the newest that was chosen, also where its entry was cut', async () => {
  await choose(120)
  await run(`update settings set value = '{"retentionDays":90}' where key = 'audit'`)
  expect(await retention.cut()).toBe(0)
  await run(`update settings set value = '{"retentionDays":120}' where key = 'audit'`)
  for (let at = 175; at <= 325; at += 25) {
    days(at)
    await audit.record('gateway.suspend')
  }
  expect(await retention.cut()).toBeGreaterThan(6)
  const actions = (await audit.db.selectFrom('auditEntries').select('action').execute()).map(
    ({ action }) => action,
  )
  expect(actions).not.toContain('audit.settings')
  await run(`update settings set value = '{"retentionDays":90}' where key = 'audit'`)
  expect(await retention.cut()).toBe(0)
  await run(`update settings set value = '{"retentionDays":120}' where key = 'audit'`)
  days(350)
  await audit.record('gateway.suspend')
  expect(await retention.cut()).toBe(1)
  expect(await report()).toMatchObject({ sound: true })
})

test.each([
  ['changed', `update auditEntries set action = 'x' where action = 'audit.settings' and seq > 9`],
  ['taken out', `delete from auditEntries where action = 'audit.settings' and seq > 9`],
  [
    'made up',
    `insert into auditEntries (at, actorKind, action, outcome, details, personalHash, chain, format)
    values (1, 'local', 'audit.settings', 'done', '{"after":{"retentionDays":90}}', zeroblob(32), zeroblob(32), 2)`,
  ],
])(
  'nor where the entry of the newest choice was %s, until somebody chooses again',
  async (_what, statement) => {
    await choose(90)
    await choose(null)
    days(175)
    await audit.record('gateway.suspend')
    await run('pragma foreign_keys = off')
    await run(statement)
    await run(`update settings set value = '{"retentionDays":90}' where key = 'audit'`)
    expect(await retention.cut()).toBe(0)
    await choose(90)
    expect((await report()).checkpoint?.entries).toBeGreaterThan(3)
  },
)

test('a clock that leaps ahead makes entries older by a month, and not by years', async () => {
  await choose(120)
  expect(await report()).toMatchObject({ sound: true, firstSeq: 3 })
  days(4_000)
  expect(await retention.cut()).toBe(1)
  expect(await retention.cut()).toBe(0)
  // Nor once entries are written by it, after another start.
  await audit.restart()
  await audit.record('gateway.resume')
  expect(await retention.cut()).toBe(0)
  expect(await report()).toMatchObject({ sound: true, firstSeq: 4 })
})
