import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { CommittedBatch } from '#contract/model/reading-batch.ts'
import { systemClock } from '#platform/clock/clock.ts'
import type { HistorianStats } from '../historian.ts'
import { storeBytes } from '../months/month-parts.ts'
import { damageOf, storeError } from '../store-errors.ts'
import { toWireError } from '../wire-error.ts'
import { Checkpoints } from './checkpoints.ts'
import { Eraser } from './eraser.ts'
import { Forgetter } from './forgetter.ts'
import { HotWriter } from './hot-writer.ts'
import { IngestLoop } from './ingest-loop.ts'
import { latestOf, recover, unannounced } from './recovery.ts'
import { Redeliveries } from './redeliveries.ts'
import { SeriesRegistry } from './series-registry.ts'
import { Settler } from './settler.ts'
import { openStore, STORE_FILE } from './store-file.ts'
import type { FromWriter, ToWriter, WriterOptions } from './writer-protocol.ts'

const IDLE_LOOK = 5_000

if (!parentPort) throw new Error('this file runs in a worker')
const main = parentPort
const options = workerData as WriterOptions
const file = join(options.dir, STORE_FILE)

function tell(message: FromWriter): void {
  if (message.type === 'committed') main.postMessage(message, [message.batch.rows.buffer])
  else main.postMessage(message)
}

try {
  run()
} catch (error) {
  tell({ type: 'failed', error: toWireError(damageOf(error, file)) })
}

function run(): void {
  const { dir, durability, runRows, redeliveryWindow, maxPages, announcedSeq, aboveSeq } = options
  const clock = systemClock
  const store = openStore(dir, durability)
  if (maxPages !== null) store.pragma(`max_page_count = ${maxPages}`)
  const registry = new SeriesRegistry(store)
  const { hot, tail, lastSeq } = recover(store)
  const latest = latestOf(store, hot)
  const missed = announcedSeq === null ? null : unannounced(hot, announcedSeq, registry)
  const writer = new HotWriter(
    store,
    registry,
    new Redeliveries(store, redeliveryWindow, clock.now()),
    Math.max(lastSeq, aboveSeq),
  )
  const checkpoints = new Checkpoints(store, { dir, durability })
  const onCommitted = (batch: CommittedBatch): void => tell({ type: 'committed', batch })
  const settler = new Settler(store, registry.erased)
  const forgetter = new Forgetter(store)
  const eraser = new Eraser(store, registry, () => checkpoints.emptied())
  const parts = {
    store,
    registry,
    writer,
    settler,
    forgetter,
    eraser,
    checkpoints,
    clock,
    durability,
    runRows,
    onCommitted,
  }
  const loop = new IngestLoop(parts, tail)

  const stats = (): HistorianStats => ({
    lastSeq: writer.lastSeq,
    hotRows: loop.hotRows,
    series: registry.size,
    fileBytes: storeBytes(dir),
    commits: loop.times.count,
    commitP99: loop.times.p99(),
  })

  const stop = async (): Promise<void> => {
    clearInterval(idle)
    loop.stop()
    await checkpoints.stop()
    checkpoints.last()
    store.close()
    tell({ type: 'stopped' })
    main.close()
  }

  const idle = setInterval(() => {
    loop.settleOld(clock.now())
    checkpoints.idle(clock.now())
  }, IDLE_LOOK)
  main.on('message', (message: ToWriter) => {
    if (message.type === 'ingest') loop.addPort(message.port)
    else if (message.type === 'stats') tell({ type: 'stats', id: message.id, stats: stats() })
    else if (message.type === 'skip') writer.skipTo(message.seq)
    else if (message.type === 'forget') {
      const { id, spans } = message
      loop.forget(spans, () => tell({ type: 'forgotten', id }))
    } else if (message.type === 'erase') {
      const { id, readings } = message
      try {
        loop.erase(readings, (series) => tell({ type: 'erased', id, series }))
      } catch (error) {
        tell({ type: 'refused', id, error: toWireError(storeError(error)) })
      }
    } else void stop()
  })
  tell({ type: 'ready', series: registry.all(), lastSeq, latest })
  if (missed) tell({ type: 'committed', batch: missed })
  // A run may have been left by the last time.
  loop.schedule()
}
