import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { openSiteDb, type SiteDb, type SiteTrx } from '#platform/db/site-db.ts'
import type { JobKind } from './job-kind.ts'
import { JobRunner } from './job-runner.ts'

let dir: string
let db: SiteDb
let now = 1_000_000
const clock = { now: () => now }
const runners: JobRunner[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mw-jobs-'))
  db = await openSiteDb(join(dir, 'site.sqlite'))
})
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.stop()
  await db.destroy()
  rmSync(dir, { recursive: true, force: true })
})

type Run = JobKind['run']

function makeRunner(run: Run, afterCrash: JobKind['afterCrash'] = 'resume'): JobRunner {
  const runner = new JobRunner({ db, clock, log: pino({ level: 'silent' }), dir: join(dir, 'jobs') })
  const kind = { permission: 'telemetry:export' as const, takesInput: false, shown: () => ({}), run }
  runner.register('telemetry.export', { ...kind, afterCrash })
  runners.push(runner)
  return runner
}

const asked = {
  kind: 'telemetry.export' as const,
  tenantId: null,
  createdBy: { id: null, name: 'test' },
  subject: 'GW001',
  params: { what: 'x' },
}
const untilAborted: Run = (_params, { signal }) =>
  new Promise((_, reject) => {
    signal.throwIfAborted()
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
const ended = (runner: JobRunner, id: string) =>
  vi.waitFor(() => expect(runner.byId(id)?.endedAt).not.toBeNull(), { interval: 5 })

test('a job runs, tells how far it came, and ends with its result and a whole file', async () => {
  const runner = makeRunner(async (params, context) => {
    const file = await context.makeFile('x.csv', 'text/csv')
    await file.write(Buffer.from('a,b\n'))
    context.progress(1, 2)
    context.log('damaged', { part: 1 })
    return { saw: params }
  })
  await runner.start()
  const seen: string[] = []
  runner.changed.subscribe(({ job }) => seen.push(job.state))
  const { id } = await runner.add(asked)
  await ended(runner, id)
  expect(runner.byId(id)).toMatchObject({
    state: 'done',
    result: { saw: { what: 'x' } },
    done: 1,
    total: 2,
    file: { name: 'x.csv', type: 'text/csv', bytes: 4 },
    log: [{ event: 'damaged', data: { part: 1 } }],
  })
  expect(readFileSync(runner.files.artefact(id), 'utf8')).toBe('a,b\n')
  expect(existsSync(`${runner.files.artefact(id)}.part`)).toBe(false)
  expect(seen[0]).toBe('queued')
  expect(seen.at(-1)).toBe('done')
})

test('two run at once, the others wait for their turn', async () => {
  let atOnce = 0
  let most = 0
  const runner = makeRunner(async () => {
    most = Math.max(most, ++atOnce)
    await sleep(5)
    atOnce--
    return {}
  })
  await runner.start()
  const jobs = await Promise.all(Array.from({ length: 6 }, () => runner.add(asked)))
  for (const { id } of jobs) await ended(runner, id)
  expect(most).toBe(2)
})

test('cancelling ends it and leaves no half file; what waits never begins', async () => {
  let begun = 0
  const runner = makeRunner(async (params, context) => {
    begun++
    await (await context.makeFile('x.csv', 'text/csv')).write(Buffer.from('half'))
    return untilAborted(params, context)
  })
  await runner.start()
  const jobs = [await runner.add(asked), await runner.add(asked), await runner.add(asked)]
  await vi.waitFor(() => expect(begun).toBe(2))
  for (const job of [jobs[2], jobs[0], jobs[1]]) await runner.cancel(job!)
  expect(jobs.map(({ id }) => runner.byId(id)?.state)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  expect(begun).toBe(2)
  for (const { id } of jobs) expect(existsSync(`${runner.files.artefact(id)}.part`)).toBe(false)
  await expect(runner.cancel(jobs[0]!)).rejects.toMatchObject({ code: 'job_ended' })
})

test.each([
  [new ExpectedError('range_invalid', { cause: 'x' }), { code: 'range_invalid', data: { cause: 'x' } }],
  [new TypeError('a bug'), { code: 'internal', data: expect.objectContaining({ cause: 'a bug' }) }],
])('what it throws is why it failed: %s', async (thrown, error) => {
  const runner = makeRunner(async () => {
    throw thrown
  })
  await runner.start()
  const { id } = await runner.add(asked)
  await ended(runner, id)
  expect(runner.byId(id)).toMatchObject({ state: 'failed', error, file: null })
})

test.runIf(process.platform === 'linux')('a full disk is its failure, and no half file stays', async () => {
  const runner = makeRunner(async (_params, context) => {
    // Linux's own full disk: each write to it fails with ENOSPC.
    await runner.files.make(context.id)
    symlinkSync('/dev/full', `${runner.files.artefact(context.id)}.part`)
    const file = await context.makeFile('x.csv', 'text/csv')
    await file.write(Buffer.alloc(10))
    return {}
  })
  await runner.start()
  const { id } = await runner.add(asked)
  await ended(runner, id)
  expect(runner.byId(id)).toMatchObject({ state: 'failed', error: { code: 'job_disk_full' }, file: null })
  expect(existsSync(`${runner.files.artefact(id)}.part`)).toBe(false)
})

/** Leaves a job as a crash does: it runs as far as the store knows, and nobody runs it. */
async function crashed(attempts: number): Promise<string> {
  const before = makeRunner(async (_params, context) => {
    await context.saveCheckpoint({ line: 7 })
    return untilAborted({}, context)
  })
  await before.start()
  const { id } = await before.add(asked)
  await vi.waitFor(() => expect(before.byId(id)?.checkpoint).toEqual({ line: 7 }))
  await before.stop()
  await db.updateTable('jobs').set({ state: 'running', attempts }).where('id', '=', id).execute()
  return id
}

test('after a crash a job is run again, from its checkpoint', async () => {
  const id = await crashed(1)
  const runner = makeRunner(async (_params, { checkpoint }) => ({ checkpoint }))
  await runner.start()
  await ended(runner, id)
  expect(runner.byId(id)).toMatchObject({ state: 'done', result: { checkpoint: { line: 7 } }, attempts: 2 })
})

test('a job that ran in three crashes, or whose kind cannot go on, says that it was interrupted', async () => {
  const often = await crashed(3)
  const runner = makeRunner(async () => ({}))
  await runner.start()
  expect(runner.byId(often)).toMatchObject({ state: 'interrupted', error: { code: 'job_interrupted' } })
  const once = await crashed(1)
  const other = makeRunner(async () => ({}), 'interrupt')
  await other.start()
  expect(other.byId(once)).toMatchObject({ state: 'interrupted' })
})

test('stopping the site in an orderly way is no attempt of the job', async () => {
  const first = makeRunner(untilAborted)
  await first.start()
  const { id } = await first.add(asked)
  await vi.waitFor(() => expect(first.byId(id)?.state).toBe('running'))
  await first.stop()
  expect(first.byId(id)).toMatchObject({ state: 'queued', attempts: 0 })
  const next = makeRunner(async () => ({ went: 'on' }))
  await next.start()
  await ended(next, id)
  expect(next.byId(id)).toMatchObject({ state: 'done', result: { went: 'on' } })
})

test('what ended is deleted after seven days, with its file; folders of no job at once', async () => {
  const first = makeRunner(async (_params, context) => {
    await context.makeFile('x', 'text/plain')
    return {}
  })
  await first.files.make('0190-left-behind')
  await first.start()
  expect(existsSync(first.files.folder('0190-left-behind'))).toBe(false)
  const { id } = await first.add(asked)
  await ended(first, id)
  await first.stop()
  now += 7 * 86_400_000 - 1
  const next = makeRunner(untilAborted)
  await next.start()
  expect(next.byId(id)?.state).toBe('done')
  await next.stop()
  now += 1
  const last = makeRunner(untilAborted)
  await last.start()
  expect(last.byId(id)).toBeUndefined()
  expect(existsSync(last.files.folder(id))).toBe(false)
})

test('too many that wait are refused', async () => {
  const runner = makeRunner(untilAborted)
  for (let i = 0; i < 100; i++) await runner.add(asked)
  await expect(runner.add(asked)).rejects.toMatchObject({ code: 'too_many_jobs', data: { limit: 100 } })
})

test('one tenant does not take all the places', async () => {
  for (const slug of ['dairy', 'bakery'])
    await db
      .insertInto('tenants')
      .values({ id: slug, slug, name: slug, state: 'active', createdAt: 1 })
      .execute()
  const runner = makeRunner(untilAborted)
  const ofTenant = { ...asked, tenantId: 'dairy' }
  for (let i = 0; i < 50; i++) await runner.add(ofTenant)
  await expect(runner.add(ofTenant)).rejects.toMatchObject({ code: 'too_many_jobs', data: { limit: 50 } })
  await runner.add({ ...asked, tenantId: 'bakery' })
  await runner.add(asked)
})

test('one that runs cannot be deleted', async () => {
  const runner = makeRunner(untilAborted)
  await runner.start()
  const job = await runner.add(asked)
  await expect(runner.delete(job)).rejects.toMatchObject({ code: 'job_running' })
  await runner.cancel(job)
  await runner.delete(job)
  expect(runner.all()).toEqual([])
})

test('a change is on disk with what records it, or neither is', async () => {
  const runner = makeRunner(untilAborted)
  const fails = async (trx: SiteTrx) => {
    await trx.insertInto('tenants').values(tenant).execute()
    throw new Error('the audit has no room')
  }
  const tenant = { id: 'x', slug: 'x', name: 'x', state: 'active' as const, createdAt: 1 }
  const records = async (trx: SiteTrx) =>
    void seen.push((await trx.selectFrom('jobs').select('state').execute())[0])
  const seen: unknown[] = []
  await runner.files.make('upload')
  writeFileSync(runner.files.input('upload'), 'a,b')
  await expect(runner.add(asked, { inputOf: 'upload', record: fails })).rejects.toThrow('no room')
  expect(runner.all()).toEqual([])
  expect(await runner.files.list()).toEqual(['upload'])
  expect(readFileSync(runner.files.input('upload'), 'utf8')).toBe('a,b')
  const job = await runner.add(asked, { inputOf: 'upload', record: records })
  expect(readFileSync(runner.files.input(job.id), 'utf8')).toBe('a,b')
  await runner.cancel(job, records)
  await expect(runner.delete(job, fails)).rejects.toThrow('no room')
  expect(runner.byId(job.id)).toBe(job)
  await runner.delete(job, records)
  expect(seen).toEqual([{ state: 'queued' }, { state: 'cancelled' }, undefined])
  expect(await db.selectFrom('tenants').select('id').execute()).toEqual([])
})

test('a job that runs is cancelled with what records it', async () => {
  const runner = makeRunner(untilAborted)
  await runner.start()
  const job = await runner.add(asked)
  const seen: unknown[] = []
  await runner.cancel(job, async (trx) => {
    seen.push(...(await trx.selectFrom('jobs').select('state').execute()))
  })
  expect(seen).toEqual([{ state: 'cancelled' }])
})
