import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { Alarm } from '../link/alarm.ts'
import type { BatchSize } from './batch-size.ts'
import type { ByteBudget } from './byte-budget.ts'
import type { ChannelDirectory } from './channel-directory.ts'
import type { TailState } from './tail-state.ts'

/** What tail and sweeps share. */
export interface SyncParts {
  db: SiteDb
  clock: Clock
  log: Log
  historian: Pick<Historian, 'tail' | 'since' | 'changed' | 'count' | 'stats' | 'keptFrom'>
  channels: ChannelDirectory
  /** Rung with each commit of the store; the tail waits for it. */
  committed: Alarm
  budget: ByteBudget
  /** How the tail stands, for whoever must let it go first, and for what is shown. */
  tail: TailState
  /** Of the tail, and of the sweeps. */
  sizes: { tail: BatchSize; sweeps: BatchSize }
}
