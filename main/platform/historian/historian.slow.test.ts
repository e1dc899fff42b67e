import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import type { CommittedBatch } from '#contract/model/reading-batch.ts'
import { createHistorian, type HistorianTesting } from './create-historian.ts'
import type { Historian, StorageEvent } from './historian.ts'
import { FORMAT_VERSION, STORE_FILE } from './ingest/store-file.ts'
import { IngestClient } from './testing/ingest-client.ts'
import { batchOf } from './testing/local-store.ts'
import { type ModelRow, StoreModel } from './testing/store-model.ts'
import { tempFolder } from './testing/temp-folder.ts'

const START = 1_780_000_000_000

function reading(ts: number, value: number | string | boolean = ts, channel = 'flow'): ModelRow {
  const kind = typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : 'number'
  return { channel, kind, ts: START + ts, value, quality: 0 }
}

function readings(count: number, from = 0): ModelRow[] {
  return Array.from({ length: count }, (_, at) => reading(from + at))
}

async function started(dir: string, testing: HistorianTesting = {}): Promise<Historian> {
  const historian = createHistorian({ dir }, testing)
  await historian.start()
  onTestFinished(() => historian.stop())
  return historian
}

/** Every reading of the only series. */
async function allOf(historian: Historian): Promise<number[]> {
  const times: number[] = []
  let after: number | null = null
  do {
    const page = await historian.raw({
      seriesId: 1,
      from: START,
      to: START + 1e9,
      order: 'ascending',
      limit: 10_000,
      ...(after === null ? {} : { after }),
    })
    times.push(...page.readings.map(({ ts }) => ts - START))
    after = page.next
  } while (after !== null)
  return times
}

test('what is answered as committed can be read, is announced, and is there after a restart', async () => {
  const dir = tempFolder()
  const historian = await started(dir, { runRows: 5 })
  const announced: CommittedBatch[] = []
  historian.onCommitted((batch) => announced.push(batch))
  const client = new IngestClient(historian.openIngest())
  const batch = batchOf([reading(1, 1.5), reading(2, 'open', 'valve'), reading(3, true, 'pump')])
  expect(await client.send(batch)).toEqual({ id: 1, committed: true })
  const page = await historian.raw({
    seriesId: 1,
    from: START,
    to: START + 10,
    order: 'ascending',
    limit: 10,
  })
  expect(page).toEqual({
    readings: [{ ts: START + 1, value: 1.5, quality: 0, seq: 1 }],
    next: null,
    damaged: [],
  })

  await historian.append(
    [4, 5, 6, 7].map((ts) => ({
      assignmentId: 'assignment',
      channel: 'flow',
      kind: 'number',
      unit: null,
      ts: START + ts,
      value: ts,
      quality: 0,
    })),
  )
  expect(announced.map(({ firstSeq, rows }) => [firstSeq, rows.length / 4])).toEqual([
    [1, 3],
    [4, 4],
  ])
  expect(announced[0]?.texts).toEqual(['open'])
  expect(announced[0]?.newSeries.map(({ channel, kind }) => [channel, kind])).toEqual([
    ['flow', 'number'],
    ['valve', 'text'],
    ['pump', 'boolean'],
  ])
  const latest = await historian.latest()
  expect(latest.map(({ seriesId, value, kind }) => [seriesId, value, kind])).toEqual([
    [1, 7, 'number'],
    [2, 'open', 'text'],
    [3, true, 'boolean'],
  ])
  const series = await historian.series()
  await historian.stop()
  expect(existsSync(join(dir, `${STORE_FILE}-wal`))).toBe(false)

  const again = await started(dir)
  expect(await again.latest()).toEqual(latest)
  expect(await again.series()).toEqual(series)
  expect(await allOf(again)).toEqual([1, 4, 5, 6, 7])
  expect((await again.stats()).lastSeq).toBe(7)
})

test('charts come in buckets, also when they are asked for while batches arrive and settle', async () => {
  const historian = await started(tempFolder(), { runRows: 500, durability: 'OFF' })
  const client = new IngestClient(historian.openIngest())
  for (let from = 0; from < 4_000; from += 200) {
    void client.send(batchOf(readings(200, from)))
    const [chart] = await historian.buckets({ seriesIds: [1], from: START, to: START + 4_000, count: 40 })
    // Whatever has been committed: full buckets from the left, then nothing.
    const counts = chart?.count ?? []
    expect(counts.slice(0, -1).every((count) => count === 100)).toBe(true)
  }
  await client.send(batchOf([reading(4_000)]))
  const [chart, other] = await historian.buckets({
    seriesIds: [1, 9],
    from: START,
    to: START + 4_000,
    count: 40,
  })
  expect(chart?.width).toBe(100)
  expect(chart?.ts).toEqual(Array.from({ length: 40 }, (_, at) => START + at * 100))
  expect(chart?.first).toEqual(Array.from({ length: 40 }, (_, at) => at * 100))
  expect(chart?.max).toEqual(chart?.last)
  expect(chart?.sum[1]).toBe(14_950)
  expect(other).toMatchObject({ seriesId: 9, ts: [] })
})

test('every query answers from another thread, of what is folded and what is not; damage is told once', async () => {
  const dir = tempFolder()
  const historian = await started(dir, { durability: 'OFF', runRows: 500 })
  const model = new StoreModel()
  const client = new IngestClient(historian.openIngest())
  const write = async (rows: ModelRow[]): Promise<void> => {
    model.write(rows)
    expect((await client.send(batchOf(rows))).committed).toBe(true)
  }
  await write(Array.from({ length: 1_500 }, (_, at) => reading(at * 10_000, at % 40)))
  await expect.poll(async () => (await historian.stats()).hotRows).toBe(0)
  await historian.fold()
  await write([reading(0, 77), reading(5, 78)])

  const range = { from: START, to: START + 15_000_000 }
  const spans = { ...range, count: 25 }
  const of = { seriesId: 1 }
  const [chart] = await historian.buckets({ seriesIds: [1], ...spans })
  const expected = model.buckets('flow', spans, Date.now())
  expect(chart).toMatchObject({
    ts: expected.ts,
    count: expected.count,
    first: expected.first,
    max: expected.max,
  })
  expect(await historian.states({ ...of, ...spans })).toEqual(model.states('flow', spans, Date.now()))
  expect(await historian.increases({ ...of, ...spans, rollover: 40 })).toEqual(
    model.increases('flow', spans, 40),
  )
  const near = await historian.neighbours(1, START + 5)
  expect([near.previous?.value, near.at?.value, near.next?.value]).toEqual([77, 78, 1])
  expect(await historian.gaps({ ...of, ...range, longerThan: 9_999, limit: 3 })).toEqual(
    model.gaps('flow', range, 9_999, 3),
  )
  expect(await historian.corrections({ ...of, ...range })).toEqual(model.corrections('flow', range))
  const { columns, next } = await historian.columns({ ...of, ...range })
  expect(next).toBe(null)
  expect([...columns.ts]).toEqual(model.readings('flow').map(({ ts }) => ts))
  expect([...columns.values]).toEqual(model.readings('flow').map(({ value }) => value))

  const events: StorageEvent[] = []
  historian.onStorageEvent((event) => events.push(event))
  const [file = ''] = readdirSync(join(dir, 'months')).filter((name) => name.endsWith('.sqlite'))
  const month = new Database(join(dir, 'months', file))
  month.exec('UPDATE blocks SET crc = crc + 1 WHERE id = 1')
  month.close()
  const query = { ...of, ...range, order: 'ascending' as const, limit: 10 }
  const page = await historian.raw(query)
  expect(page.damaged.length).toBe(1)
  expect((await historian.raw(query)).damaged).toEqual(page.damaged)
  expect(events).toEqual([
    expect.objectContaining({ type: 'blockDamaged', file: join('months', file), seriesId: 1 }),
  ])
})

test('a query that is given up rejects, and others go on', async () => {
  const historian = await started(tempFolder())
  await new IngestClient(historian.openIngest()).send(batchOf(readings(10)))
  const given = new AbortController()
  const query = { seriesIds: [1], from: START, to: START + 1_000, count: 10 }
  const first = historian.buckets(query, given.signal)
  const second = historian.buckets(query)
  given.abort(new Error('given up'))
  await expect(first).rejects.toThrow('given up')
  expect((await second)[0]?.count).toEqual([10])
  await expect(historian.buckets({ ...query, to: START })).rejects.toMatchObject({ code: 'range_invalid' })
})

test('a full disk refuses batches whole and by name; what was acknowledged stays', async () => {
  const dir = tempFolder()
  const historian = await started(dir, { maxPages: 40, runRows: 1_000 })
  const client = new IngestClient(historian.openIngest())
  const kept: number[] = []
  let refused = null
  for (let from = 0; refused === null; from += 100) {
    const reply = await client.send(batchOf(readings(100, from)))
    if (reply.committed) kept.push(...readings(100, from).map(({ ts }) => ts - START))
    else refused = reply
  }
  expect(refused).toMatchObject({ committed: false, code: 'disk_full' })
  await expect(
    historian.append([
      {
        assignmentId: 'b',
        // More than all forty pages: settling may have made room since, and what fits is taken.
        channel: 'x'.repeat(200_000),
        kind: 'number',
        unit: null,
        ts: START,
        value: 1,
        quality: 0,
      },
    ]),
  ).rejects.toMatchObject({ code: 'disk_full' })
  expect(await allOf(historian)).toEqual(kept)
  expect((await historian.series()).length).toBe(1)
  await historian.stop()
  const later = await started(dir)
  expect(await allOf(later)).toEqual(kept)
  const retried = await new IngestClient(later.openIngest()).send(batchOf(readings(100, kept.length)))
  expect(retried.committed).toBe(true)
})

test('a batch that breaks the protocol fails alone', async () => {
  const historian = await started(tempFolder())
  const client = new IngestClient(historian.openIngest())
  const unknown = batchOf([reading(2)])
  unknown.introductions = []
  unknown.rows[0] = 77
  const replies = await Promise.all([
    client.send(batchOf([reading(1)])),
    client.send(batchOf([reading(2, Number.NaN)])),
    client.send(unknown),
    client.send(batchOf([reading(3)])),
  ])
  expect(replies.map(({ committed }) => committed)).toEqual([true, false, false, true])
  expect(replies[1]).toMatchObject({ code: 'store_failed', cause: 'row 0: NaN is not a finite number' })
  expect(await allOf(historian)).toEqual([1, 3])
})

test('a writer that dies is replaced: its ports close, nothing acknowledged is missing or untold', async () => {
  const workers: { of: string; worker: Worker }[] = []
  const end = async (of: string) => await workers.find(({ of: url }) => url.includes(of))?.worker.terminate()
  const historian = await started(tempFolder(), {
    startWorker: (url, workerData) => {
      const worker = new Worker(url, { workerData })
      workers.push({ of: url.pathname, worker })
      return worker
    },
  })
  const told: number[] = []
  historian.onCommitted(({ firstSeq, rows }) => {
    for (let row = 0; row < rows.length / 4; row++) told.push(firstSeq + row)
  })
  const client = new IngestClient(historian.openIngest())
  await client.send(batchOf(readings(10)))
  const restarted = new Promise<string>((resolve) => historian.onRestarted((worker) => resolve(worker)))
  await end('writer.worker')
  await client.closed
  expect(await restarted).toBe('writer')
  const next = new IngestClient(historian.openIngest())
  expect((await next.send(batchOf(readings(10, 10)))).committed).toBe(true)
  expect(await allOf(historian)).toEqual(Array.from({ length: 20 }, (_, at) => at))
  // What is told comes by another port than the answers.
  await vi.waitFor(() => expect(told).toEqual(Array.from({ length: 20 }, (_, at) => at + 1)), {
    timeout: 10_000,
  })
  expect((await historian.latest())[0]?.ts).toBe(START + 19)

  const readerBack = new Promise<string>((resolve) => historian.onRestarted((worker) => resolve(worker)))
  const interrupted = historian.raw({ seriesId: 1, from: 0, to: START, order: 'ascending', limit: 1 })
  const outcome = interrupted.catch((error: ExpectedError) => error.code)
  await end('reader.worker')
  expect(await readerBack).toBe('reader')
  expect(['store_failed', { readings: [], next: null, damaged: [] }]).toContainEqual(await outcome)
  expect((await allOf(historian)).length).toBe(20)
})

test('what is new comes by sequence from the hot table, and then series by series', async () => {
  const historian = await started(tempFolder(), { runRows: 20 })
  const client = new IngestClient(historian.openIngest())
  await client.send(batchOf([...readings(15), reading(1, 'open', 'valve')]))
  const page = await historian.tail({ after: 14, limit: 10 })
  expect(page).toMatchObject({ count: 2, texts: ['open'], gapTo: null, lastSeq: 16 })
  expect([...page.rows]).toEqual([1, START + 14, 14, 0, 15, 2, START + 1, 0, 768, 16])
  await client.send(batchOf(readings(5, 100)))
  await vi.waitFor(
    async () => expect(await historian.tail({ after: 14, limit: 10 })).toMatchObject({ gapTo: 21, count: 0 }),
    { timeout: 10_000 },
  )
  expect(await historian.changed({ afterSeq: 15, upToSeq: 21 })).toEqual([1, 2])
  const { columns, seqs, next } = await historian.since({ seriesId: 1, afterSeq: 14, upToSeq: 21 })
  expect([...columns.ts].map((ts) => ts - START)).toEqual([14, 100, 101, 102, 103, 104])
  expect([[...seqs], next]).toEqual([[15, 17, 18, 19, 20, 21], null])
  expect(await historian.count({ seriesIds: [1, 2] })).toEqual([20, 1])
  await expect(historian.tail({ after: 0, limit: 1e6 })).rejects.toThrow(ExpectedError)
})

test('where more was copied than is there, what comes has sequences above it, also from another writer', async () => {
  const workers: Worker[] = []
  const historian = await started(tempFolder(), {
    startWorker: (url, workerData) => {
      const worker = new Worker(url, { workerData })
      if (url.pathname.includes('writer.worker')) workers.push(worker)
      return worker
    },
  })
  const client = new IngestClient(historian.openIngest())
  await client.send(batchOf(readings(5)))
  expect(await historian.skipTo(3)).toBe(5)
  expect(await historian.skipTo(100)).toBe(5)
  const restarted = new Promise((resolve) => historian.onRestarted(resolve))
  await workers[0]?.terminate()
  await restarted
  await new IngestClient(historian.openIngest()).send(batchOf(readings(2, 10)))
  const { rows, count, lastSeq } = await historian.tail({ after: 5, limit: 10 })
  expect([count, rows[4], rows[9], lastSeq]).toEqual([2, 101, 102, 102])
})

test('a store that is stopped while its threads come up ends like any other', async () => {
  for (const wait of [0, 2, 4]) {
    const dir = tempFolder()
    const historian = createHistorian({ dir }, { durability: 'OFF' })
    await historian.start()
    await sleep(wait)
    await historian.stop()
    expect(readdirSync(dir).filter((name) => name.startsWith(STORE_FILE))).toEqual([STORE_FILE])
  }
})

test('files of a newer version, damaged files and foreign files are refused and left as they are', async () => {
  const newer = tempFolder()
  const file = join(newer, STORE_FILE)
  await (await started(newer)).stop()
  const store = new Database(file)
  store.prepare('UPDATE format SET version = ?').run(FORMAT_VERSION + 1)
  store.close()
  await expect(createHistorian({ dir: newer }).start()).rejects.toMatchObject({
    code: 'data_from_newer_version',
    data: { migration: `historian format ${FORMAT_VERSION + 1}` },
  })

  const damaged = tempFolder()
  const bytes = Buffer.alloc(8_192, 'not a store ')
  writeFileSync(join(damaged, STORE_FILE), bytes)
  await expect(createHistorian({ dir: damaged }).start()).rejects.toMatchObject({
    code: 'data_damaged',
    data: { file: join(damaged, STORE_FILE) },
  })
  expect(readFileSync(join(damaged, STORE_FILE)).equals(bytes)).toBe(true)

  const foreign = tempFolder()
  const other = new Database(join(foreign, STORE_FILE))
  other.exec('CREATE TABLE notes (text)')
  other.close()
  await expect(createHistorian({ dir: foreign }).start()).rejects.toMatchObject({ code: 'data_damaged' })

  const unwritable = join(tempFolder(), 'file')
  writeFileSync(unwritable, '')
  await expect(createHistorian({ dir: unwritable }).start()).rejects.toMatchObject({
    code: 'data_not_writable',
  })
})
