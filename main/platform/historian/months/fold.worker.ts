import { setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#platform/clock/clock.ts'
import { openStoreForReading } from '../ingest/store-file.ts'
import { PendingCalls } from '../pending-calls.ts'
import { toWireError } from '../wire-error.ts'
import { driveRound } from './drive-round.ts'
import type { FolderOptions, FromFolder, ToFolder } from './fold-protocol.ts'
import { ERASING_STOPPED, type FoldRequest, RoundAborted } from './fold-requests.ts'
import { Folder } from './folder.ts'
import { MonthFiles } from './month-files.ts'
import { tidyMonths } from './month-parts.ts'
import { RetentionClock } from './retention-clock.ts'
import { SettledRows } from './settled-rows.ts'
import { StorageReports } from './storage-report.ts'

const LOOK_EVERY = 60_000
/** On Linux, where it is the thread's alone: ingest, charts and MQTT have the processor first. */
const NICENESS = 5

if (!parentPort) throw new Error('this file runs in a worker')
const main = parentPort
const { dir, durability, retention, tellRetired } = workerData as FolderOptions

function tell(message: FromFolder): void {
  main.postMessage(message)
}

main.once('message', (message: ToFolder) => {
  if (message.type !== 'open') return
  try {
    run()
  } catch (error) {
    tell({ type: 'failed', error: toWireError(error) })
  }
})

function run(): void {
  if (process.platform === 'linux') setPriority(NICENESS)
  tidyMonths(dir)
  const store = openStoreForReading(dir)
  store.pragma('query_only = ON')
  const source = new SettledRows(store)
  const files = new MonthFiles(dir, durability)
  const clock = systemClock
  const folder = new Folder({
    dir,
    source,
    files,
    clock,
    retentionClock: new RetentionClock(dir, clock),
    onEvent: (event) => tell({ type: 'event', event }),
  })
  if (retention) folder.setRetention(retention)
  folder.tellRetired(tellRetired)
  const reports = new StorageReports(dir, source, clock)
  const calls = new PendingCalls<void>()
  let stopping = false
  /** Callers who wait: the round does not rest. */
  let urgent = 0
  let rounds: Promise<unknown> = Promise.resolve()

  const driver = {
    forget: (spans: Extract<FromFolder, { type: 'forget' }>['spans']) =>
      calls.open((id) => tell({ type: 'forget', id, spans })),
    release: (name: Extract<FromFolder, { type: 'release' }>['name']) =>
      calls.open((id) => tell({ type: 'release', id, name })),
    rest: async (took: number) => {
      // Half of a processor at the most, unless somebody waits for it.
      await sleep(urgent > 0 ? 0 : took)
      return !stopping
    },
  }

  /** One after the other. */
  const inTurn = <Result>(work: () => Generator<FoldRequest, Result>, stopped: Result): Promise<Result> => {
    const done = rounds.then(async () => {
      const result = stopping ? stopped : await driveRound(work(), driver)
      files.closeIdle()
      return result
    })
    rounds = done.catch(() => {})
    return done
  }

  const round = (thorough: boolean) => inTurn(() => folder.round(thorough), null)

  const erase = async (id: number, series: number[]): Promise<void> => {
    const outcome = await inTurn(() => folder.erase(new Set(series)), ERASING_STOPPED)
    tell({ type: 'erased', id, outcome })
  }

  const fold = async (id: number): Promise<void> => {
    urgent += 1
    try {
      tell({ type: 'folded', id, failure: await round(true) })
    } finally {
      urgent -= 1
    }
  }

  const look = setInterval(() => void round(false), LOOK_EVERY)

  const stop = async (): Promise<void> => {
    stopping = true
    clearInterval(look)
    calls.rejectAll(new RoundAborted())
    await rounds
    files.closeAll()
    store.close()
    main.close()
  }

  main.on('message', (message: ToFolder) => {
    switch (message.type) {
      case 'open':
        return
      case 'fold':
        return void fold(message.id)
      case 'storage':
        return tellStorage(message.id)
      case 'erase':
        return void erase(message.id, message.series)
      case 'retention':
        return folder.setRetention(message.policy)
      case 'tellRetired':
        return folder.tellRetired(message.on)
      case 'done':
        return calls.resolve(message.id, undefined)
      case 'aborted':
        return calls.rejectAll(new RoundAborted())
      case 'stop':
        return void stop()
    }
  })

  function tellStorage(id: number): void {
    try {
      tell({ type: 'storage', id, report: reports.report(folder.policy) })
    } catch (error) {
      tell({ type: 'refused', id, error: toWireError(error) })
    }
  }

  tell({ type: 'ready' })
}
