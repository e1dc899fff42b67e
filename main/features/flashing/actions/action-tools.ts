import type { FlashProgress } from '#contract/model/board.ts'
import type { BenchSetup, FlashJob, FlashStep } from '#contract/model/flash.ts'
import type { Actor, TenantScope } from '#features/access/index.ts'
import type { AuditSubject } from '#features/audit/index.ts'
import type { BoardSession } from '../bench-port.ts'
import type { FlashJobChanges, FlashJobRow } from '../flash-jobs.repository.ts'

/** One thing that is done with one board, as it was asked. */
export type BoardAction =
  | { kind: 'identify' | 'erase' | 'backup' }
  | { kind: 'restore'; uploadId: string }
  | { kind: 'write'; uploadId: string; offset: number }
  | { kind: 'settings'; wifiId: string | null }
  | { kind: 'firmware'; bundleId: string }

/** What the job's row keeps of the order, for a retry. */
export interface StoredAction {
  action: BoardAction
  speed: BenchSetup['speed']
}

/** Who has it done, as they were when they asked. */
export interface ActionCaller {
  actor: Actor
  scope: TenantScope
  subject: AuditSubject
}

/** What an action has at hand while its board is in download mode. */
export interface ActionTools {
  session: BoardSession
  job: FlashJobRow
  caller: ActionCaller
  signal: AbortSignal
  step(step: FlashStep): Promise<void>
  progress(progress: FlashProgress): void
  log(text: string): void
  /** Writes what is new of the job. */
  change(changes: FlashJobChanges): Promise<FlashJobRow>
}

export type EndState = Exclude<FlashJob['state'], 'running'>
