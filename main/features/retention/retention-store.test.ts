import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { createHistorian } from '#platform/historian/create-historian.ts'
import type { Historian } from '#platform/historian/historian.ts'
import { listMonths } from '#platform/historian/months/month-file.ts'
import { createLog } from '#platform/log/log.ts'
import { RetentionService } from './retention.service.ts'
import type { SeriesChoice } from './retention-policy.ts'
import { listStorageEvents } from './storage-events.repository.ts'
import { StorageRecorder } from './storage-recorder.ts'
import { StorageWatch } from './storage-watch.ts'

const DAY = 24 * 60 * 60_000
const clock = { now: Date.now }
const log = createLog({ level: 'silent' })
const tenantId = '01890000-0000-7000-8000-000000000001'

let dir: string
let db: SiteDb
let historian: Historian
let retention: RetentionService
let recorder: StorageRecorder
let storage: StorageWatch
let channels: SeriesChoice[]

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mw-retention-'))
  db = await openSiteDb(':memory:')
  channels = []
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  historian = createHistorian({ dir }, { durability: 'OFF', runRows: 1 })
  recorder = new StorageRecorder({ db, clock, log, audit })
  storage = new StorageWatch({
    clock,
    log,
    dataDir: dir,
    historian,
    recorder,
    choices: () => retention.choices,
    arrived: () => 0,
  })
  retention = new RetentionService({
    db,
    clock,
    audit,
    historian,
    channels: () => channels,
    files: () => storage.files(),
    measureFiles: () => storage.measureFiles(),
  })
  historian.onStorageEvent((event) => storage.happened(event))
  await retention.start()
  await historian.start()
  storage.start()
})
afterEach(async () => {
  storage.stop()
  retention.stop()
  await historian.stop()
  await recorder.settled()
  await db.destroy()
  rmSync(dir, { recursive: true, force: true })
})

const draft = () =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'Ana' },
    action: 'retention.class.update',
    address: 'local',
    requestId: null,
  })
const monthOf = (ts: number) => new Date(ts).toISOString().slice(0, 7)
const filesOf = () =>
  listMonths(dir)
    .map(({ month, retentionClass }) => `${month} ${retentionClass}`)
    .toSorted()

/** All of it: settling goes on after a commit was answered. */
async function fold(): Promise<void> {
  await expect.poll(async () => (await historian.stats()).hotRows, { timeout: 10_000 }).toBe(0)
  await historian.fold()
}

async function store(channel: string, ...times: number[]): Promise<void> {
  await historian.append(
    times.map((ts) => ({
      assignmentId: 'a',
      channel,
      kind: 'number' as const,
      unit: null,
      ts,
      value: 1,
      quality: 0,
    })),
  )
}

test('each channel goes to its class, and fewer days delete exactly the months that are over', async () => {
  const now = Date.now()
  const [recent, older] = [now - 40 * DAY, now - 130 * DAY]
  await retention.create({ id: 'ever', name: 'Ever', days: null, evictable: false }, draft())
  // The first reading of each is of an hour that is not over, so that nothing is folded before its class is told.
  await store('level', now)
  await store('energy', now)
  const series = await historian.series()
  channels = series.map(({ seriesId, channel }) => ({
    seriesId,
    tenantId,
    retentionClass: channel === 'energy' ? 'ever' : null,
  }))
  retention.channelsChanged()
  await store('level', older, recent)
  await store('energy', older, recent)
  await fold()
  const all = [older, recent].flatMap((ts) => [`${monthOf(ts)} ever`, `${monthOf(ts)} standard`]).toSorted()
  expect(filesOf()).toEqual(all)

  await retention.change('standard', { days: 60 }, draft())
  await fold()
  expect(filesOf()).toEqual(all.filter((name) => name !== `${monthOf(older)} standard`))
  await recorder.settled()
  expect(await listStorageEvents(db, 10)).toMatchObject([
    { kind: 'month_retired', subject: `${monthOf(older)} standard`, count: 1 },
  ])
  const audit = await db
    .selectFrom('auditEntries')
    .select(['action', 'actorKind', 'objectId'])
    .orderBy('seq')
    .execute()
  expect(audit.at(-1)).toEqual({
    action: 'storage.month_deleted',
    actorKind: 'system',
    objectId: `${monthOf(older)}.standard`,
  })
  await expect.poll(() => storage.files().length).toBe(3)
  // A class whose months are stored stays: another rule would count for them at once.
  await expect(retention.delete('ever', draft())).rejects.toMatchObject({ data: { files: 2 } })

  // Older than its class keeps: counted, not kept.
  await store('level', now - 200 * DAY)
  await fold()
  await recorder.settled()
  expect(await listStorageEvents(db, 1)).toMatchObject([{ kind: 'expired_on_arrival', count: 1 }])
})

test("a tenant's quota of days ends what it stores, and what nobody else does", async () => {
  const now = Date.now()
  const older = now - 130 * DAY
  const other = '01890000-0000-7000-8000-000000000002'
  for (const id of [tenantId, other])
    await db
      .insertInto('tenants')
      .values({ id, slug: `t${id.slice(-1)}`, name: id, state: 'active', createdAt: 1 })
      .execute()
  await store('level', now)
  await store('energy', now)
  channels = (await historian.series()).map(({ seriesId, channel }) => ({
    seriesId,
    tenantId: channel === 'level' ? tenantId : other,
    retentionClass: null,
  }))
  await db.updateTable('tenants').set({ storageDays: 200 }).where('id', '=', tenantId).execute()
  await retention.tenantsChanged()
  await store('level', older)
  await store('energy', older)
  await fold()
  expect(filesOf()).toEqual([`${monthOf(older)} quota-200`, `${monthOf(older)} standard`])

  // A smaller quota is for what comes from now on, and what is there still goes by the one that it came under.
  await db.updateTable('tenants').set({ storageDays: 60 }).where('id', '=', tenantId).execute()
  await retention.tenantsChanged()
  await store('level', older + 1)
  await store('level', now - 90 * DAY)
  await fold()
  expect(filesOf()).toEqual([`${monthOf(older)} quota-200`, `${monthOf(older)} standard`])
  await recorder.settled()
  expect((await listStorageEvents(db, 1))[0]).toMatchObject({ kind: 'expired_on_arrival' })
})

test('readings that were kept go when the quota of days is over', async () => {
  const now = Date.now()
  await db
    .insertInto('tenants')
    .values({ id: tenantId, slug: 't', name: 'T', state: 'active', createdAt: 1, storageDays: 100 })
    .execute()
  await retention.tenantsChanged()
  await store('level', now)
  channels = (await historian.series()).map(({ seriesId }) => ({ seriesId, tenantId, retentionClass: null }))
  retention.channelsChanged()
  const kept = now - 40 * DAY
  await store('level', kept)
  await fold()
  expect(filesOf()).toEqual([`${monthOf(kept)} quota-100`])
  // The same file, a hundred days later: what it is judged by is kept with the class.
  const [file] = (await historian.storage()).files
  const monthEnd = Date.UTC(new Date(kept).getUTCFullYear(), new Date(kept).getUTCMonth() + 1, 1)
  expect(file).toMatchObject({ retentionClass: 'quota-100', expiresAt: monthEnd + 100 * DAY })
  await db.updateTable('tenants').set({ storageDays: null }).where('id', '=', tenantId).execute()
  await retention.tenantsChanged()
  expect((await historian.storage()).files[0]).toMatchObject({ expiresAt: monthEnd + 100 * DAY })
})
