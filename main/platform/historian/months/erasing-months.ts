import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDamage, storeFailure } from '../store-errors.ts'
import { copyWithout, holdsSome, takeCopy } from './erase-month.ts'
import { type FoldRequest, type FoldStep, type MonthsErased, paused, RoundAborted } from './fold-requests.ts'
import { MONTHS_FOLDER, type MonthName, openMonthForReading } from './month-file.ts'
import type { MonthFiles } from './month-files.ts'

interface ErasingParts {
  dir: string
  files: MonthFiles
  /** Puts what can be read of a damaged file in its place. */
  unreadable(name: MonthName, error: unknown): Generator<FoldRequest, void>
  step(step: FoldStep): void
}

/** Files that were damaged, and are kept for whoever knows more. */
const SET_ASIDE = /\.sqlite\.damaged-\d+$/

/** Takes series out of the month files, one file after the other. */
export class ErasingMonths {
  private readonly parts: ErasingParts

  constructor(parts: ErasingParts) {
    this.parts = parts
  }

  *run(series: ReadonlySet<number>): Generator<FoldRequest, MonthsErased> {
    let failure: MonthsErased['failure'] = null
    for (const name of this.parts.files.list()) {
      try {
        yield* this.readable(name, series)
      } catch (error) {
        failure ??= { type: 'foldFailed', ...storeFailure(error) }
        // Whoever asks again begins with the files that are left.
        if (error instanceof RoundAborted) break
      }
    }
    return { failure, setAside: setAsideIn(this.parts.dir) }
  }

  /** A damaged file is replaced by what can be read of it first. */
  private *readable(name: MonthName, series: ReadonlySet<number>): Generator<FoldRequest, void> {
    try {
      yield* this.one(name, series)
    } catch (error) {
      if (!isDamage(error)) throw error
      yield* this.parts.unreadable(name, error)
      yield* this.one(name, series)
    }
  }

  private *one(name: MonthName, series: ReadonlySet<number>): Generator<FoldRequest, void> {
    const { dir, files, step } = this.parts
    files.close(name)
    if (!holds(dir, name, series)) return
    const isCopied = yield* paused(copyWithout(dir, name, series))
    step('copied')
    yield { type: 'release', name }
    takeCopy(dir, name, isCopied, () => step('taken'))
  }
}

function holds(dir: string, name: MonthName, series: ReadonlySet<number>): boolean {
  const db = openMonthForReading(dir, name)
  try {
    return holdsSome(db, series)
  } finally {
    db.close()
  }
}

function setAsideIn(dir: string): string[] {
  const inFolder = (folder: string): string[] => {
    try {
      return readdirSync(join(dir, folder))
        .filter((name) => SET_ASIDE.test(name))
        .sort()
    } catch {
      return []
    }
  }
  return [...inFolder('.'), ...inFolder(MONTHS_FOLDER).map((name) => `${MONTHS_FOLDER}/${name}`)]
}
