import type { StorageEvent } from '../historian.ts'
import type { FoldSpan } from './fold-hour.ts'
import type { MonthName } from './month-file.ts'

/** What a round waits for; it goes on when its driver has seen to it. */
export type FoldRequest =
  | { type: 'pause' }
  /** These rows are in month files now: the writer may delete them. */
  | { type: 'forget'; spans: FoldSpan[] }
  /** The reader shall close the file. */
  | { type: 'release'; name: MonthName }

export type FoldFailure = Extract<StorageEvent, { type: 'foldFailed' }>

/** Where a test may end the process. */
export type FoldStep =
  | 'begun'
  | 'folded'
  | 'committed'
  | 'forgotten'
  | 'renamed'
  | 'salvaged'
  | 'retired'
  | 'copied'
  | 'taken'

/** What came of erasing series from the month files. */
export interface MonthsErased {
  /** Why it is not done; null: it is. */
  failure: FoldFailure | null
  /** Files of the store that were set aside as damaged, and may have something of them: nothing is erased from these. */
  setAside: string[]
}

export const ERASING_STOPPED: MonthsErased = {
  failure: { type: 'foldFailed', code: 'store_failed', cause: 'the site stopped' },
  setAside: [],
}

/** Thrown into a round whose request could not be seen to, as the other thread has died. The next round goes on. */
export class RoundAborted extends Error {}

/** Work in steps as a part of a round. */
export function* paused<Result>(work: Generator<void, Result>): Generator<FoldRequest, Result> {
  let ended = false
  try {
    for (;;) {
      const step = work.next()
      ended = step.done === true
      if (step.done) return step.value
      yield { type: 'pause' }
    }
  } finally {
    // The round ends here: what the work has open is closed.
    if (!ended) work.return(undefined as Result)
  }
}
