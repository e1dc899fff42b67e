import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditReport } from '#contract/model/audit.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { openSiteDb } from '#platform/db/site-db.ts'
import { openSiteKey } from '#platform/secrets/site-key.ts'
import { millwright, millwrightJson } from './command.ts'
import { makeSiteProcess, removeSiteProcess, type SiteProcess } from './site-process.ts'

let site: SiteProcess
/** A copy of the stopped site's folder for each test to spoil. */
let copies = 0

beforeAll(async () => {
  site = await makeSiteProcess()
  await site.create()
  await site.start()
  const gateway = (code: string) =>
    millwright(['gateways', 'create', ...on(site.dataDir), '--code', code, '--name', code])
  // The last one fails, for the code is taken.
  for (const code of ['GW001', 'GW002', 'GW003', 'GW001']) await gateway(code)
})
afterAll(() => removeSiteProcess(site))

const on = (dataDir: string) => ['--data', dataDir]

/** As a person reads it. */
async function verify(dataDir: string): Promise<{ code: number | null; words: string }> {
  const { code, stdout, stderr } = await millwright(['audit', 'verify', ...on(dataDir)])
  expect(stderr).toBe('')
  return { code, words: stdout }
}

test('beside a running site everything is sound, and the folder is left as it is', async () => {
  const { code, words } = await verify(site.dataDir)
  expect(code).toBe(0)
  const report = await millwrightJson<AuditReport>(['audit', 'verify', ...on(site.dataDir)])
  expect(report).toMatchObject({ sound: true, found: 0, firstSeq: 1 })
  expect(report.entries).toBeGreaterThanOrEqual(5)
  expect(words).toMatch(/^Sound: \d+ entries, 1 to \d+\nlast link +[0-9a-f]{64}\nsealed up to +\d+\n$/)
})

test('entries are listed by what they are about, and who failed', async () => {
  const { entries } = await millwrightJson<{ entries: Record<string, unknown>[] }>([
    'audit',
    'list',
    ...on(site.dataDir),
    '--outcome',
    'failed',
  ])
  expect(entries).toHaveLength(1)
  expect(entries[0]).toMatchObject({
    action: 'gateway.provision',
    errorCode: 'code_taken',
    status: 409,
    path: '/api/v1/gateways/provision',
    actor: { kind: 'local' },
    address: 'local',
  })
  const { stdout } = await millwright([
    'audit',
    'list',
    ...on(site.dataDir),
    '--action',
    'gateway.',
    '--limit',
    '2',
  ])
  expect(stdout.trimEnd().split('\n')).toHaveLength(3)
  expect(stdout).toContain('failed (code_taken)')
})

test('an export is a file of the entries, and an entry itself; no copy stays with the site', async () => {
  const out = join(site.dir, 'audit.csv')
  const done = await millwright(['audit', 'export', ...on(site.dataDir), '-o', out])
  expect(done).toMatchObject({ code: 0 })
  const rows = parse<Record<string, string>>(await readFile(out, 'utf8'), { columns: true })
  expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, index) => index + 1))
  expect(rows.filter(({ action }) => action === 'gateway.provision')).toHaveLength(4)
  const lines = await millwright([
    'audit',
    'export',
    ...on(site.dataDir),
    '--format',
    'jsonl',
    '--action',
    'audit.export',
  ])
  const [first] = lines.stdout.trimEnd().split('\n')
  expect(JSON.parse(first ?? '')).toMatchObject({ action: 'audit.export', details: { format: 'csv' } })
  const { jobs } = await millwrightJson<{ jobs: unknown[] }>(['jobs', 'list', ...on(site.dataDir)])
  expect(jobs).toEqual([])
})

/** Stops the site once, and gives what `spoil` made of a copy. */
async function spoilt(spoil: (db: Database.Database, dir: string) => unknown): Promise<string> {
  await site.stop()
  const dir = join(site.dir, `copy-${++copies}`)
  await mkdir(dir)
  for (const name of ['keys', 'site.sqlite', 'audit.head'])
    await cp(join(site.dataDir, name), join(dir, name), { recursive: true })
  const db = new Database(join(dir, 'site.sqlite'))
  db.pragma('foreign_keys = OFF')
  await spoil(db, dir)
  db.close()
  return dir
}

function remove(db: Database.Database, where: string): void {
  for (const table of ['auditSubjects', 'auditPersonal', 'auditEntries'])
    db.exec(`delete from ${table} where ${where}`)
}

/** The audit of a copy with the site's own key, for what only the site can do. */
async function asSite(
  dir: string,
  run: (audit: AuditService, db: Awaited<ReturnType<typeof openSiteDb>>, key: Uint8Array) => Promise<unknown>,
): Promise<void> {
  const { pino } = await import('pino')
  const key = new Uint8Array((await openSiteKey(dir)).derive('audit-chain'))
  const db = await openSiteDb(join(dir, 'site.sqlite'))
  const head = { file: join(dir, 'audit.head'), log: pino({ level: 'silent' }) }
  const audit = new AuditService(db, { now: Date.now }, () => key, head)
  await audit.start(1_000)
  await run(audit, db, key)
  await audit.stop()
  await db.destroy()
}

test.each<[string, (db: Database.Database, dir: string) => unknown, RegExp]>([
  [
    'an edited entry',
    (db) => db.exec(`update auditEntries set details = '{}' where seq = 3`),
    /^entry 3: not what the site wrote/,
  ],
  ['an entry taken out of the middle', (db) => remove(db, 'seq = 2'), /^entry 2: missing: taken out/],
  [
    'entries in another order',
    (db) => {
      for (const [from, to] of [
        [2, 99],
        [3, 2],
        [99, 3],
      ])
        for (const table of ['auditPersonal', 'auditEntries'])
          db.exec(`update ${table} set seq = ${to} where seq = ${from}`)
    },
    /^entry 2: not what the site wrote/,
  ],
  [
    'newest entries that are gone',
    (db) => remove(db, 'seq > 3'),
    /^entries 4 to \d+: missing: cut off the newest end/,
  ],
  [
    'oldest entries that are gone',
    (db) => remove(db, 'seq < 3'),
    /^entries 1 to 2: missing: cut off the oldest end/,
  ],
  [
    'another name',
    (db) => db.exec(`update auditPersonal set actorName = 'Eve' where seq = 2`),
    /^entry 2: the name, address/,
  ],
  [
    'a name that is gone',
    (db) => db.exec('delete from auditPersonal where seq = 2'),
    /^entry 2: the name, address or personal details were taken away/,
  ],
  [
    'a forged entry',
    (db) =>
      db.exec(`insert into auditEntries (at, actorKind, action, outcome, details, personalHash, chain, format)
     values (1, 'local', 'x', 'done', '{}', zeroblob(32), zeroblob(32), 2)`),
    /entry \d+: not what the site wrote/,
  ],
  [
    'a sealed head that is gone',
    (_db, dir) => rm(join(dir, 'audit.head')),
    /^audit.head: the sealed head is missing/,
  ],
  [
    'a sealed head of another site',
    (_db, dir) => writeFile(join(dir, 'audit.head'), Buffer.alloc(80, 1)),
    /^audit.head: the sealed head is not what/,
  ],
])('%s is found', async (_what, spoil, words) => {
  const dir = await spoilt(spoil)
  const found = await verify(dir)
  expect(found.code).toBe(1)
  expect(found.words).toMatch(words)
  expect(found.words).toMatch(/\nChanged from outside: \d+ found in \d+ entries/)
})

test('an erasure and a retention cut leave it sound, and tampering after them is found', async () => {
  const dir = await spoilt(() => {})
  await asSite(dir, async (audit, db, key) => {
    const actor = { kind: 'user' as const, id: 'u1', name: 'Ana' }
    const draft = () => new AuditDraft({ actor, action: 'user.update', address: '10.0.0.7', requestId: null })
    await audit.record(draft().about('user', 'u2', null).personal({ email: 'bo@plant.example' }), 'done')
    await audit.record(draft().about('gateway', 'g1', null), 'done')
    const by = { actor, action: 'user.erase', address: 'local', requestId: null }
    await db.transaction().execute((trx) => audit.erasePersonal(trx, 'u1', by))
    const { cutAudit } = await import('#features/audit/cut-audit.ts')
    expect(await cutAudit({ db, audit, key: () => key }, Date.now(), Date.now())).toBeGreaterThan(5)
    await audit.record(draft().about('user', 'u2', null).personal({ email: 'bo@plant.example' }), 'done')
    await db.transaction().execute((trx) => audit.erasePersonal(trx, 'u2', by))
  })
  const sound = await verify(dir)
  expect(sound.code).toBe(0)
  expect(sound.words).toMatch(
    /^Sound: [^]*\ncut by retention +\d+ entries, up to \d+, at [^]*\nerased on request +in 1 entries\n$/,
  )
  const db = new Database(join(dir, 'site.sqlite'))
  db.exec('update auditCheckpoints set entries = 1')
  db.close()
  expect((await verify(dir)).words).toMatch(/^entry \d+: where retention cut/)
})

test('a site that was tampered with starts, says so in its audit, and the proof goes on failing', async () => {
  const dir = await spoilt((db) => remove(db, 'seq > 3'))
  await asSite(dir, async () => {})
  expect((await verify(dir)).words).toMatch(
    /entries 4 to \d+: missing: taken out of the store\nentry \d+: the site found at a start/,
  )
})

test('without the key, or without a store, it says what is wrong', async () => {
  const dir = await spoilt((_db, folder) => rm(join(folder, 'keys'), { recursive: true }))
  expect(await millwright(['audit', 'verify', ...on(dir)])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No key slot opens the site key'),
  })
})
