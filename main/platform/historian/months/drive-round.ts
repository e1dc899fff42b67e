import type { FoldSpan } from './fold-hour.ts'
import { type FoldRequest, RoundAborted } from './fold-requests.ts'
import type { MonthName } from './month-file.ts'

interface RoundDriver {
  /** Resolves when the writer has deleted the rows; rejects when it has died. */
  forget(spans: FoldSpan[]): Promise<void>
  /** Resolves when the reader has closed the file; rejects when it has died. */
  release(name: MonthName): Promise<void>
  /** Called after each slice of work, which took `took` ms. False: end the round here. */
  rest(took: number): Promise<boolean>
}

/** Work between two rests, ms. */
const SLICE_TIME = 10

/** Runs a round of the folder in slices. */
export async function driveRound<Result>(
  round: Generator<FoldRequest, Result>,
  driver: RoundDriver,
): Promise<Result> {
  let next = round.next()
  let begun = performance.now()
  while (!next.done) {
    const request = next.value
    try {
      const took = performance.now() - begun
      if (request.type !== 'pause' || took >= SLICE_TIME) {
        if (!(await driver.rest(took))) throw new RoundAborted()
        if (request.type === 'forget') await driver.forget(request.spans)
        else if (request.type === 'release') await driver.release(request.name)
        begun = performance.now()
      }
    } catch (error) {
      if (!(error instanceof RoundAborted)) throw error
      next = round.throw(error)
      continue
    }
    next = round.next()
  }
  return next.value
}
