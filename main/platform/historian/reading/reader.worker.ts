import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { BucketReader } from './bucket-reader.ts'
import { HotScan } from './hot-scan.ts'
import { RawReader } from './raw-reader.ts'
import type { FromReader, ReaderAnswer, ReaderOptions, ReaderQuery, ToReader } from './reader-protocol.ts'
import { SlicedJobs } from './slices.ts'
import { damageOf } from '../store-errors.ts'
import { openStoreForReading, STORE_FILE } from '../ingest/store-file.ts'
import { toWireError } from '../wire-error.ts'

if (!parentPort) throw new Error('this file runs in a worker')
const main = parentPort
const { dir } = workerData as ReaderOptions

function tell(message: FromReader): void {
  main.postMessage(message)
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
  const hot = new HotScan(store)
  const raw = new RawReader(store, hot)
  const buckets = new BucketReader(store, hot)
  // From here on this connection cannot write, whatever a query says.
  store.pragma('query_only = ON')
  const jobs = new SlicedJobs<ReaderAnswer>()

  function* work(query: ReaderQuery): Generator<void, ReaderAnswer> {
    if (query.kind === 'raw') return raw.page(query.query)
    return yield* buckets.buckets(query.query)
  }

  main.on('message', (message: ToReader) => {
    if (message.type === 'open') return
    if (message.type === 'cancel') return jobs.cancel(message.id)
    const { id } = message
    jobs.add({
      id,
      work: work(message),
      done: (answer) => tell({ type: 'answer', id, answer }),
      failed: (error) => tell({ type: 'refused', id, error: wired(error) }),
    })
  })
  tell({ type: 'ready' })
}
