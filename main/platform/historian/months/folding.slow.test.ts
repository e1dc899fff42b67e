import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { createHistorian, type HistorianTesting } from '../create-historian.ts'
import type { AppendedReading, Historian, RetentionPolicy, StorageEvent } from '../historian.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { monthFile, monthOf } from './month-file.ts'

const DAY = 86_400_000
const policy: RetentionPolicy = {
  classes: [{ id: 'month', days: 31, evictable: true }],
  defaultClass: 'month',
  bySeries: new Map(),
  budgetBytes: null,
}

async function started(dir: string, testing: HistorianTesting = {}): Promise<Historian> {
  const historian = createHistorian({ dir }, { runRows: 100, durability: 'OFF', ...testing })
  await historian.start()
  onTestFinished(() => historian.stop())
  return historian
}

/** A reading a minute, ending before `end`. */
function readings(count: number, end: number): AppendedReading[] {
  return Array.from({ length: count }, (_, at) => ({
    assignmentId: 'a',
    channel: 'flow',
    kind: 'number',
    unit: null,
    ts: end - (count - at) * 60_000,
    value: at,
    quality: 0,
  }))
}

async function countOf(historian: Historian): Promise<number> {
  let count = 0
  let after: number | undefined
  do {
    const range = { seriesId: 1, from: 0, to: Date.now() + DAY, order: 'ascending', limit: 10_000 } as const
    const page = await historian.raw({ ...range, ...(after === undefined ? {} : { after }) })
    count += page.readings.length
    after = page.next ?? undefined
  } while (after !== undefined)
  return count
}

test('readings are folded by a thread of its own, and read on as before', async () => {
  const dir = tempFolder()
  const historian = await started(dir)
  const events: StorageEvent[] = []
  historian.onStorageEvent((event) => events.push(event))
  const now = Date.now()
  await historian.append(readings(3_000, now - 3_600_000 * 3))
  const notes = readings(200, now - 3_600_000 * 3)
  await historian.append(
    notes.map((one) => ({
      ...one,
      channel: 'note',
      kind: 'text',
      value: randomBytes(1_500).toString('base64'),
    })),
  )
  const before = await historian.storage()
  expect(before.files).toEqual([])
  // Settling goes on after the answer, and rows are in both places while it does.
  expect(before.hotRows + before.unfoldedRows).toBeGreaterThanOrEqual(3_200)
  await expect.poll(async () => (await historian.stats()).hotRows).toBe(0)
  await historian.fold()
  expect(await countOf(historian)).toBe(3_000)
  const { files, lastDay, totalBytes } = await historian.storage()
  expect(files.reduce((sum, file) => sum + file.readings, 0)).toBe(3_200)
  expect(files[0]).toMatchObject({ retentionClass: 'standard', series: 2, expiresAt: null, damagedBlocks: 0 })
  expect(lastDay.readings).toBe(3_200)
  expect(lastDay.bytes).toBeGreaterThan(200 * 1_500)
  expect(lastDay.bytes).toBeLessThan(totalBytes)
  expect((await historian.stats()).fileBytes).toBe(totalBytes)
  expect(events).toEqual([])
  await historian.stop()
  // Nothing is left in a WAL: each month is one file.
  expect(readdirSync(join(dir, 'months')).every((name) => name.endsWith('.sqlite'))).toBe(true)
  const again = await started(dir)
  expect(await countOf(again)).toBe(3_000)
})

test('months go when they are past their time, and what comes too late is not kept', async () => {
  const dir = tempFolder()
  const historian = await started(dir)
  const events: StorageEvent[] = []
  historian.onStorageEvent((event) => events.push(event))
  const now = Date.now()
  const old = now - 100 * DAY
  await historian.append([...readings(300, old), ...readings(300, now - 3 * DAY)])
  await expect.poll(async () => (await historian.stats()).hotRows).toBe(0)
  await historian.fold()
  const month = monthOf(old - 1)
  const { expiresAt, bytes } = (await historian.storage()).files[0] ?? {}
  expect([expiresAt, bytes]).toEqual([null, expect.any(Number)])
  // The reader has it open.
  expect(await countOf(historian)).toBe(600)
  historian.setRetention(policy)
  await historian.fold()
  expect(existsSync(monthFile(dir, { month, retentionClass: 'standard' }))).toBe(false)
  expect(await countOf(historian)).toBe(300)
  expect(events).toEqual([
    expect.objectContaining({ type: 'monthRetired', month, retentionClass: 'standard', cause: 'retention' }),
  ])
  await historian.append(readings(200, old))
  await expect.poll(async () => (await historian.stats()).hotRows).toBe(0)
  await historian.fold()
  expect(events.at(-1)).toEqual({ type: 'expiredOnArrival', readings: 200 })
  expect(await countOf(historian)).toBe(300)
  expect((await historian.storage()).unfoldedRows).toBe(0)
})

test('a folder or writer that dies in the middle of it is replaced, and the next round goes on', async () => {
  const workers: { of: string; worker: Worker }[] = []
  const historian = await started(tempFolder(), {
    startWorker: (url, workerData) => {
      const worker = new Worker(url, { workerData })
      workers.push({ of: url.pathname, worker })
      return worker
    },
  })
  const end = async (of: string) =>
    await workers.findLast(({ of: path }) => path.includes(of))?.worker.terminate()
  await historian.append(readings(8_000, Date.now() - DAY))
  await expect.poll(async () => (await historian.stats()).hotRows).toBe(0)
  for (const of of ['fold.worker', 'writer.worker']) {
    const restarted = new Promise<string>((resolve) => historian.onRestarted((worker) => resolve(worker)))
    const round = historian.fold().then(
      () => 'done',
      () => 'rejected',
    )
    await end(of)
    expect(of).toContain((await restarted).replace('folder', 'fold'))
    expect(['done', 'rejected']).toContain(await round)
  }
  await historian.fold()
  expect(await countOf(historian)).toBe(8_000)
  const { files, unfoldedRows } = await historian.storage()
  expect(unfoldedRows).toBe(0)
  expect(files.reduce((sum, file) => sum + file.readings, 0)).toBe(8_000)
})

test('a policy that is set while the thread comes up holds, also after it was replaced', async () => {
  const workers: Worker[] = []
  const historian = createHistorian(
    { dir: tempFolder() },
    {
      durability: 'OFF',
      startWorker: (url, workerData) => {
        const worker = new Worker(url, { workerData })
        if (url.pathname.includes('fold.worker')) workers.push(worker)
        return worker
      },
    },
  )
  const starting = historian.start()
  onTestFinished(() => historian.stop())
  await starting
  historian.setRetention({ ...policy, budgetBytes: 12_345 })
  expect((await historian.storage()).budgetBytes).toBe(12_345)
  const restarted = new Promise<void>((resolve) => historian.onRestarted(() => resolve()))
  await workers[0]?.terminate()
  historian.setRetention({ ...policy, budgetBytes: 6_789 })
  await restarted
  expect((await historian.storage()).budgetBytes).toBe(6_789)
})

test('a folder that fails at its first start is started again', async () => {
  const fault = `throw new Error('out of memory')`
  let failed = false
  const historian = createHistorian(
    { dir: tempFolder() },
    {
      durability: 'OFF',
      startWorker: (url, workerData) => {
        if (failed || !url.pathname.includes('fold.worker')) return new Worker(url, { workerData })
        failed = true
        return new Worker(fault, { eval: true })
      },
    },
  )
  const events: StorageEvent[] = []
  historian.onStorageEvent((event) => events.push(event))
  const restarted = new Promise<string>((resolve) => historian.onRestarted((worker) => resolve(worker)))
  await historian.start()
  onTestFinished(() => historian.stop())
  historian.setRetention({ ...policy, budgetBytes: 12_345 })
  expect(await restarted).toBe('folder')
  expect(events).toEqual([
    { type: 'foldFailed', code: 'store_failed', cause: 'out of memory' },
    { type: 'foldRecovered' },
  ])
  await historian.fold()
  expect((await historian.storage()).budgetBytes).toBe(12_345)
})
