import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { BatchSize } from './batch-size.ts'
import type { ByteBudget } from './byte-budget.ts'
import type { ChannelDirectory } from './channel-directory.ts'
import type { Commits } from './commits.ts'
import type { TailState } from './tail-state.ts'

/** What tail and sweeps share. */
export interface SyncParts {
  db: SiteDb
  clock: Clock
  log: Log
  historian: Pick<Historian, 'tail' | 'since' | 'changed' | 'count' | 'stats'>
  channels: ChannelDirectory
  commits: Commits
  budget: ByteBudget
  /** How the tail stands, for whoever must let it go first, and for what is shown. */
  tail: TailState
  /** Of the tail, and of the sweeps. */
  sizes: { tail: BatchSize; sweeps: BatchSize }
}
