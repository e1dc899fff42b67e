import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { IngestClient } from '../testing/ingest-client.ts'
import { batchOf } from '../testing/local-store.ts'
import type { ModelRow } from '../testing/store-model.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { Checkpoints } from './checkpoints.ts'
import { Eraser } from './eraser.ts'
import { Forgetter } from './forgetter.ts'
import { HotWriter } from './hot-writer.ts'
import { IngestLoop } from './ingest-loop.ts'
import { recover } from './recovery.ts'
import { REDELIVERY_WINDOW, Redeliveries } from './redeliveries.ts'
import { SeriesRegistry } from './series-registry.ts'
import { Settler } from './settler.ts'
import { openStore } from './store-file.ts'

const MINUTE = 60_000

/** The writer's loop without its thread. */
function startedLoop(runRows: number | null) {
  const dir = tempFolder()
  const store = openStore(dir, 'OFF')
  const registry = new SeriesRegistry(store)
  const { tail, lastSeq } = recover(store)
  const clock = { now: () => 1_790_000_000_000 }
  const redeliveries = new Redeliveries(store, REDELIVERY_WINDOW, clock.now())
  const checkpoints = new Checkpoints(store, { dir, durability: 'OFF' })
  const loop = new IngestLoop(
    {
      store,
      registry,
      writer: new HotWriter(store, registry, redeliveries, lastSeq),
      settler: new Settler(store, registry.erased),
      forgetter: new Forgetter(store),
      eraser: new Eraser(store, registry, () => checkpoints.emptied()),
      checkpoints,
      clock,
      durability: 'OFF',
      runRows,
      onCommitted: () => {},
    },
    tail,
  )
  const { port1, port2 } = new MessageChannel()
  loop.addPort(port2)
  onTestFinished(() => {
    loop.stop()
    port1.close()
    store.close()
  })
  const count = (table: string): unknown => store.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
  return { loop, client: new IngestClient(port1), count }
}

function rows(count: number, from = 0): ModelRow[] {
  return Array.from({ length: count }, (_, at) => ({
    channel: 'a',
    kind: 'number',
    ts: from + at,
    value: 1,
    quality: 0,
  }))
}

test('on a quiet site rows settle after nine minutes, not when a run is full', async () => {
  const { loop, client, count } = startedLoop(null)
  await client.send(batchOf(rows(10)))
  const now = 1_790_000_000_000
  loop.settleOld(now)
  loop.settleOld(now + 9 * MINUTE - 1)
  await client.send(batchOf(rows(10, 10)))
  expect([count('hot'), count('readings')]).toEqual([20, 0])
  loop.settleOld(now + 9 * MINUTE)
  await expect.poll(() => [count('hot'), count('readings')]).toEqual([0, 20])
  // What comes next has its nine minutes again.
  await client.send(batchOf(rows(1, 50)))
  loop.settleOld(now + 9 * MINUTE)
  loop.settleOld(now + 17 * MINUTE)
  await client.send(batchOf(rows(1, 51)))
  expect(count('hot')).toBe(2)
})

test('folded rows are deleted in slices while batches keep coming, and newer ones stay', async () => {
  const { loop, client, count } = startedLoop(5_000)
  await client.send(batchOf(rows(20_000)))
  await expect.poll(() => count('readings')).toBe(20_000)
  let sending = true
  let next = 1_000_000
  const senders = Array.from({ length: 4 }, async () => {
    while (sending) {
      next += 100
      expect((await client.send(batchOf(rows(100, next)))).committed).toBe(true)
    }
  })
  // Of its rows the last thousand came after the bound.
  await new Promise<void>((done) => loop.forget([{ series: 1, from: 0, to: 20_000, seq: 19_000 }], done))
  sending = false
  await Promise.all(senders)
  await expect.poll(() => count('readings WHERE ts < 20000')).toBe(1_000)
})
