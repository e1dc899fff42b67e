import { stat } from 'node:fs/promises'
import { workerData } from 'node:worker_threads'
import { type Ask, serveJobThread } from '#platform/jobs/serve-job-thread.ts'
import { type CsvRow, csvRows, readStart } from './csv-rows.ts'
import { FileBatches } from './file-batches.ts'
import { FileScan } from './file-scan.ts'
import { importFormat } from './import-format.ts'
import type { ImportRequest, ImportTask } from './import-thread.ts'

/** Rows between two reports of progress. */
const TOLD_EVERY = 20_000

/** Goes through the file once to see what is in it, and again to hand over its readings. */
async function readFile(task: ImportTask, ask: Ask<ImportRequest>): Promise<void> {
  const { path, options, gatewayCode, dryRun } = task
  const format = importFormat(await readStart(path), options)
  const { size } = await stat(path)
  const passes = dryRun ? 1 : 2
  const progress = (done: number): Promise<unknown> =>
    ask({ type: 'progress', done: Math.min(done, size * passes), total: size * passes })
  const scan = new FileScan(format, options.raw, new Map(task.known.map(({ key, kind }) => [key, kind])))
  await each(csvRows(path, format), async (row, count) => {
    scan.add(row)
    if (count % TOLD_EVERY === 0) await progress(row.bytes)
  })
  await ask({ type: 'checked', report: scan.report(gatewayCode, dryRun) })
  if (dryRun) return
  const batches = new FileBatches({
    format,
    raw: options.raw,
    takes: scan.takes(gatewayCode),
    channels: scan.channels(gatewayCode),
    now: task.now,
  })
  let last = task.skipLines
  const pass = async (line: number, bytes: number): Promise<void> => {
    const batch = batches.take(line)
    if (batch) await ask({ type: 'batch', batch }, [batch.rows.buffer])
    await progress(size + bytes)
  }
  await each(csvRows(path, format), async (row) => {
    if (row.line <= task.skipLines) return
    batches.add(row)
    last = row.line
    if (batches.isFull) await pass(row.line, row.bytes)
  })
  await pass(last, size)
}

async function each(
  rows: AsyncIterable<CsvRow>,
  take: (row: CsvRow, count: number) => Promise<void>,
): Promise<void> {
  let count = 0
  for await (const row of rows) await take(row, ++count)
}

serveJobThread<ImportRequest>((ask) => readFile(workerData as ImportTask, ask))
