import { basename, join } from 'node:path'
import type { Clock } from '#platform/clock/clock.ts'
import { HOUR } from '../blocks/rollup-columns.ts'
import type { RetentionPolicy, StorageEvent } from '../historian.ts'
import { isDamage, messageOf, storeFailure } from '../store-errors.ts'
import { type DueHour, DueHours } from './due-hours.ts'
import { ErasingMonths } from './erasing-months.ts'
import { type FoldSpan, foldHour } from './fold-hour.ts'
import { FoldPolicy, keepForEver } from './fold-policy.ts'
import {
  type FoldFailure,
  type FoldRequest,
  type FoldStep,
  type MonthsErased,
  paused,
  RoundAborted,
} from './fold-requests.ts'
import { FoldTargets } from './fold-targets.ts'
import { MONTHS_FOLDER, type MonthName, monthFile, monthRange } from './month-file.ts'
import type { MonthFiles } from './month-files.ts'
import { takeSalvaged, tidyMonths } from './month-parts.ts'
import type { BlockSpan, MonthWriter } from './month-writer.ts'
import { QuietHours } from './quiet-hours.ts'
import { Retiring } from './retiring.ts'
import { RollupEdits } from './rollup-edits.ts'
import { salvageMonth } from './salvage.ts'
import { type SettledRows, SourceUnreadable } from './settled-rows.ts'

/** What is left undone then is done in the next round, and is no failure to be told. */
const ABORTED: FoldFailure = {
  type: 'foldFailed',
  code: 'store_failed',
  cause: 'another thread of the store was started anew',
}

/** Thrown out of a transaction when one of its readings was replaced meanwhile: its hour waits for the next round. */
class HourMoved extends Error {}

interface FolderParts {
  dir: string
  source: SettledRows
  files: MonthFiles
  clock: Clock
  /** The time by which readings are past theirs. */
  retentionClock: Pick<Clock, 'now'>
  onEvent: (event: StorageEvent) => void
  /** For tests. */
  onStep?: (step: FoldStep) => void
}

/** Hours of one transaction, fewer where they are large. */
const BATCH_HOURS = 64
const BATCH_ROWS = 400_000
/** ms between two looks at the hours ahead of now. */
const AHEAD_EVERY = 15 * 60_000

/**
 * Moves settled rows into the month files. A round is a generator: between its steps others have their turn, and what only
 * other threads can do is asked of its driver. The order makes it safe to end at any step: first the month file is
 * committed, only then rows are forgotten; rows that are met again are found equal.
 */
export class Folder {
  private readonly parts: FolderParts
  private fixed = new FoldPolicy(keepForEver)
  private readonly retiring: Retiring
  private readonly quiet = new QuietHours()
  private lookedAheadAt = Number.NEGATIVE_INFINITY
  /** Told as `foldFailed`, and not recovered yet. */
  private failing = false
  private failure: FoldFailure | null = null

  constructor(parts: FolderParts) {
    this.parts = parts
    this.retiring = new Retiring({ ...parts, clock: parts.retentionClock })
  }

  get policy(): FoldPolicy {
    return this.fixed
  }

  setRetention(policy: RetentionPolicy): void {
    this.fixed = new FoldPolicy(policy)
  }

  /** Whether `monthRetired` tells what there was of each series. */
  tellRetired(on: boolean): void {
    this.retiring.tellsSeries = on
  }

  /**
   * Folds all that is due, and retires what is to go. What fails is told as an event, once, and tried again in the next
   * round; returned is the round's failure, if there was one. `thorough`: takes hours that are still being filled too, and looks at
   * those ahead of now in any case.
   */
  *round(thorough: boolean): Generator<FoldRequest, FoldFailure | null> {
    this.failure = null
    // What another program kept from being tidied up the last time.
    tidyMonths(this.parts.dir)
    try {
      yield* this.foldDue(thorough)
    } catch (error) {
      if (error instanceof RoundAborted) return ABORTED
      this.fail(error)
    }
    try {
      yield* this.retiring.run(this.policy, (error) => this.fail(error))
    } catch (error) {
      if (error instanceof RoundAborted) return ABORTED
      this.fail(error)
    }
    if (this.failure === null && this.failing) {
      this.failing = false
      this.parts.onEvent({ type: 'foldRecovered' })
    }
    return this.failure
  }

  /**
   * Erases series from all month files; their rows are gone from the source already, so nothing of them comes after.
   * Each file is replaced whole: ended at any step, the same once more goes on with the files that are left.
   */
  *erase(series: ReadonlySet<number>): Generator<FoldRequest, MonthsErased> {
    const { dir, files, onStep } = this.parts
    tidyMonths(dir)
    const erasing = new ErasingMonths({
      dir,
      files,
      unreadable: (name, error) => this.replaceDamaged(name, error),
      step: (step) => onStep?.(step),
    })
    return yield* erasing.run(series)
  }

  private *foldDue(thorough: boolean): Generator<FoldRequest, void> {
    const { source, clock } = this.parts
    const now = clock.now()
    const ahead = thorough || Math.abs(now - this.lookedAheadAt) >= AHEAD_EVERY
    if (ahead) this.lookedAheadAt = now
    if (!thorough) this.quiet.begin()
    const quiet = thorough ? null : this.quiet
    const due = new DueHours(source, { now, ahead, quiet, failed: (error) => this.fail(error) })
    const targets = new FoldTargets(this.parts.files, this.policy, this.parts.retentionClock.now())
    while (!due.done) {
      const hours = yield* paused(due.plan())
      for (const { name, cause } of targets.sort(hours)) yield* this.unreadable(name, cause, targets)
      yield* this.expire(targets.takeExpired())
      for (const batch of targets.take()) yield* this.foldFile(batch.name, batch.hours, targets)
    }
  }

  private *foldFile(name: MonthName, hours: DueHour[], targets: FoldTargets): Generator<FoldRequest, void> {
    const left = [...hours]
    while (left.length > 0) {
      const seq = this.parts.source.settledSeq()
      const spans: FoldSpan[] = []
      try {
        yield* this.transaction(name, left, seq, spans)
      } catch (error) {
        if (error instanceof RoundAborted) throw error
        if (error instanceof SourceUnreadable || error instanceof HourMoved) {
          // Undone; the others go on without the hour that it is about.
          if (error instanceof SourceUnreadable) this.fail(error)
          left.splice(spans.length, 1)
          continue
        }
        yield* this.unreadable(name, error, targets)
        return
      }
      left.splice(0, spans.length)
      this.step('committed')
      yield { type: 'forget', spans }
      this.step('forgotten')
    }
  }

  /**
   * Folds as many of `hours`, from the first on, as one transaction takes; they are in `spans` then. Where one hour is in the way, it is
   * that behind those in `spans`. @throws SourceUnreadable, HourMoved
   */
  private *transaction(
    name: MonthName,
    hours: DueHour[],
    seq: number,
    spans: FoldSpan[],
  ): Generator<FoldRequest, void> {
    const { source, files, clock, onEvent } = this.parts
    const writer = files.get(name)
    const damaged: StorageEvent[] = []
    let rows = 0
    try {
      writer.begin()
      this.step('begun')
      const onDamaged = ({ startTs: from, endTs: to }: BlockSpan, cause: string, seriesId: number): void => {
        damaged.push({ type: 'blockDamaged', file: this.fileOf(name), seriesId, from, to, cause })
      }
      const target = { writer, rollups: new RollupEdits(writer), now: clock.now() }
      for (const { series, from } of hours.slice(0, BATCH_HOURS)) {
        if (rows >= BATCH_ROWS) break
        const span = wholeBlocks(writer, { series, from, to: from + HOUR, seq })
        const hour = {
          ...target,
          onDamaged: (block: BlockSpan, cause: string) => onDamaged(block, cause, series),
        }
        const moved = (): boolean => source.isSplit(series, span.from, span.to, seq)
        if (spans.length > 0 && moved()) break
        // With another hour of its block.
        const isFolded = spans.some(
          (one) => one.series === series && one.from <= span.from && one.to >= span.to,
        )
        if (!isFolded) rows += yield* paused(foldHour(source, span, hour))
        // Asked last: what settles from here on was read as it was before.
        if (moved()) throw new HourMoved()
        spans.push(span)
        this.step('folded')
      }
      target.rollups.write()
      writer.commit({ at: clock.now(), readings: rows })
    } finally {
      writer.rollback()
    }
    for (const event of damaged) onEvent(event)
  }

  /** What its class would have given up already when it came: counted, and not kept. */
  private *expire(hours: DueHour[]): Generator<FoldRequest, void> {
    const { source, onEvent } = this.parts
    for (let at = 0; at < hours.length; at += BATCH_HOURS) {
      const seq = source.settledSeq()
      const spans: FoldSpan[] = []
      let readings = 0
      for (const { series, from } of hours.slice(at, at + BATCH_HOURS)) {
        const to = from + HOUR
        try {
          readings += source.count(series, from, to, seq, Number.MAX_SAFE_INTEGER)
          spans.push({ series, from, to, seq })
        } catch (error) {
          if (!(error instanceof SourceUnreadable)) throw error
          this.fail(error)
        }
      }
      if (readings === 0) continue
      yield { type: 'forget', spans }
      onEvent({ type: 'expiredOnArrival', readings })
    }
  }

  /** A file that cannot be written waits for the next round; a damaged one is replaced by what can be read of it. */
  private *unreadable(name: MonthName, error: unknown, targets: FoldTargets): Generator<FoldRequest, void> {
    targets.leaveOut(name)
    if (!isDamage(error)) return this.fail(error)
    try {
      yield* this.replaceDamaged(name, error)
    } catch (failure) {
      if (failure instanceof RoundAborted) throw failure
      this.fail(failure)
    }
  }

  /** @throws what keeps it from being done */
  private *replaceDamaged(name: MonthName, error: unknown): Generator<FoldRequest, void> {
    const { dir, files, clock, onEvent } = this.parts
    files.close(name)
    yield* paused(salvageMonth(dir, name, clock.now()))
    this.step('salvaged')
    yield { type: 'release', name }
    takeSalvaged(dir, name, () => this.step('renamed'))
    const { from, to } = monthRange(name.month)
    onEvent({ type: 'blockDamaged', file: this.fileOf(name), seriesId: 0, from, to, cause: messageOf(error) })
  }

  private fail(error: unknown): void {
    const failure: FoldFailure = { type: 'foldFailed', ...storeFailure(error) }
    this.failure ??= failure
    if (!this.failing) this.parts.onEvent(failure)
    this.failing = true
  }

  private fileOf(name: MonthName): string {
    return join(MONTHS_FOLDER, basename(monthFile(this.parts.dir, name)))
  }

  private step(step: FoldStep): void {
    this.parts.onStep?.(step)
  }
}

/**
 * With all that blocks of more than the hour answer for, as those of a day: a block's version would else be above that of
 * rows which are not in it yet, and whoever reads by version would take these for older than what they replace.
 */
function wholeBlocks(writer: MonthWriter, { series, from, to, seq }: FoldSpan): FoldSpan {
  const blocks = writer.blocksIn(series, from, to)
  const first = blocks[0]?.startTs ?? from
  const last = blocks.at(-1)?.endTs ?? to
  return { series, from: Math.min(from, first), to: Math.max(to, last), seq }
}
