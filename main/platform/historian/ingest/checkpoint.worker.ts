import { parentPort, workerData } from 'node:worker_threads'
import type { CheckpointPass, CheckpointWorkerData } from './checkpoints.ts'
import { openStoreForReading, setDurability } from './store-file.ts'

/**
 * Copies the WAL into the file on a thread of its own: neither a commit nor a chart waits for the disk here. The
 * writer goes on meanwhile, so a pass leaves a small rest; it gets smaller with each pass.
 */
const ENOUGH_PAGES = 256
const PASSES = 3

const { dir, durability } = workerData as CheckpointWorkerData
const store = openStoreForReading(dir)
setDurability(store, durability)

parentPort?.on('message', () => {
  try {
    for (let pass = 0; pass < PASSES; pass++) {
      const [state] = store.pragma('wal_checkpoint(PASSIVE)') as CheckpointPass[]
      if (!state || state.log - state.checkpointed < ENOUGH_PAGES) break
    }
    parentPort?.postMessage({ done: true })
  } catch (error) {
    // A full disk, say: the WAL only grows until a later pass succeeds.
    parentPort?.postMessage({ done: false, cause: error instanceof Error ? error.message : String(error) })
  }
})
