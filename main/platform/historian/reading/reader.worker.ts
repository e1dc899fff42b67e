import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#platform/clock/clock.ts'
import { openStoreForReading, STORE_FILE } from '../ingest/store-file.ts'
import { damageOf } from '../store-errors.ts'
import { toWireError } from '../wire-error.ts'
import type { FromReader, ReaderAnswer, ReaderOptions, ToReader } from './reader-protocol.ts'
import { SlicedJobs } from './slices.ts'
import { StoreReader } from './store-reader.ts'

if (!parentPort) throw new Error('this file runs in a worker')
const main = parentPort
const { dir } = workerData as ReaderOptions

function tell(message: FromReader, transfer: ArrayBuffer[] = []): void {
  main.postMessage(message, transfer)
}

function wired(error: unknown) {
  return toWireError(damageOf(error, join(dir, STORE_FILE)))
}

// `open`: the writer has made the store, or brought it up to date.
main.once('message', () => {
  try {
    run()
  } catch (error) {
    tell({ type: 'failed', error: wired(error) })
  }
})

function run(): void {
  const store = openStoreForReading(dir)
  // This connection cannot write, whatever a query says.
  store.pragma('query_only = ON')
  const reader = new StoreReader({
    dir,
    store,
    now: () => systemClock.now(),
    onDamaged: (notice) => tell({ type: 'damaged', ...notice }),
  })
  const jobs = new SlicedJobs<ReaderAnswer>()

  main.on('message', (message: ToReader) => {
    if (message.type === 'open') return
    const { id } = message
    if (message.type === 'cancel') return jobs.cancel(id)
    if (message.type === 'release') {
      reader.release(message.month)
      return tell({ type: 'released', id })
    }
    jobs.add({
      id,
      work: reader.answer(message),
      done: (answer) => tell({ type: 'answer', id, answer }, buffersOf(answer)),
      failed: (error) => tell({ type: 'refused', id, error: wired(error) }),
    })
  })
  tell({ type: 'ready' })
}

/** Columns are handed over, not copied. */
function buffersOf(answer: ReaderAnswer): ArrayBuffer[] {
  if (answer === null) return []
  if ('rows' in answer) return [answer.rows.buffer]
  if (!('columns' in answer)) return []
  const { ts, values, flags } = answer.columns
  const seqs = 'seqs' in answer ? [answer.seqs.buffer] : []
  return [ts.buffer, values.buffer, flags.buffer, ...seqs]
}
