import { basename, join } from 'node:path'
import type { Clock } from '#platform/clock/clock.ts'
import { HOUR } from '../blocks/rollup-columns.ts'
import type { RetentionPolicy, StorageEvent } from '../historian.ts'
import { isDamage, messageOf, storeFailure } from '../store-errors.ts'
import { type DueHour, DueHours } from './due-hours.ts'
import { type FoldSpan, foldHour } from './fold-hour.ts'
import { FoldPolicy, keepForEver } from './fold-policy.ts'
import { type FoldFailure, type FoldRequest, type FoldStep, paused, RoundAborted } from './fold-requests.ts'
import { FoldTargets } from './fold-targets.ts'
import { MONTHS_FOLDER, type MonthName, monthFile, monthRange } from './month-file.ts'
import type { MonthFiles } from './month-files.ts'
import { takeSalvaged } from './month-parts.ts'
import type { BlockSpan } from './month-writer.ts'
import { QuietHours } from './quiet-hours.ts'
import { Retiring } from './retiring.ts'
import { RollupEdits } from './rollup-edits.ts'
import { salvageMonth } from './salvage.ts'
import type { SettledRows } from './settled-rows.ts'

/** What is left undone then is done in the next round, and is no failure to be told. */
const ABORTED: FoldFailure = {
  type: 'foldFailed',
  code: 'store_failed',
  cause: 'another thread of the store was started anew',
}

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

  /**
   * Folds all that is due, and retires what is to go. What fails is told as an event, once, and tried again in the next
   * round; returned is the round's failure, if there was one. `thorough`: takes hours that are still being filled too, and looks at
   * those ahead of now in any case.
   */
  *round(thorough: boolean): Generator<FoldRequest, FoldFailure | null> {
    const { source, clock } = this.parts
    this.failure = null
    try {
      const now = clock.now()
      const ahead = thorough || Math.abs(now - this.lookedAheadAt) >= AHEAD_EVERY
      if (ahead) this.lookedAheadAt = now
      if (!thorough) this.quiet.begin()
      const due = new DueHours(source, { now, ahead, quiet: thorough ? null : this.quiet })
      const targets = new FoldTargets(this.parts.files, this.policy, this.parts.retentionClock.now())
      while (!due.done) {
        const hours = yield* paused(due.plan())
        for (const { name, cause } of targets.sort(hours)) yield* this.unreadable(name, cause, targets)
        yield* this.expire(targets.takeExpired())
        for (const batch of targets.take()) yield* this.foldFile(batch.name, batch.hours, targets)
      }
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

  private *foldFile(name: MonthName, hours: DueHour[], targets: FoldTargets): Generator<FoldRequest, void> {
    const left = [...hours]
    while (left.length > 0) {
      let spans: FoldSpan[]
      try {
        spans = yield* this.transaction(name, left)
      } catch (error) {
        if (error instanceof RoundAborted) throw error
        yield* this.unreadable(name, error, targets)
        return
      }
      this.step('committed')
      yield { type: 'forget', spans }
      this.step('forgotten')
    }
  }

  /** Takes hours from `left` for one transaction. */
  private *transaction(name: MonthName, left: DueHour[]): Generator<FoldRequest, FoldSpan[]> {
    const { source, files, clock, onEvent } = this.parts
    const writer = files.get(name)
    const seq = source.settledSeq()
    const damaged: StorageEvent[] = []
    const spans: FoldSpan[] = []
    let rows = 0
    try {
      writer.begin()
      this.step('begun')
      const onDamaged = ({ startTs: from, endTs: to }: BlockSpan, cause: string, seriesId: number): void => {
        damaged.push({ type: 'blockDamaged', file: this.fileOf(name), seriesId, from, to, cause })
      }
      const target = { writer, rollups: new RollupEdits(writer), now: clock.now() }
      while (left.length > 0 && spans.length < BATCH_HOURS && rows < BATCH_ROWS) {
        const { series, from } = left.shift() as DueHour
        const span = { series, from, to: from + HOUR, seq }
        const hour = {
          ...target,
          onDamaged: (block: BlockSpan, cause: string) => onDamaged(block, cause, series),
        }
        rows += yield* paused(foldHour(source, span, hour))
        spans.push(span)
        this.step('folded')
      }
      target.rollups.write()
      writer.commit({ at: clock.now(), readings: rows })
    } finally {
      writer.rollback()
    }
    for (const event of damaged) onEvent(event)
    return spans
  }

  /** What its class would have given up already when it came: counted, and not kept. */
  private *expire(hours: DueHour[]): Generator<FoldRequest, void> {
    const { source, onEvent } = this.parts
    for (let at = 0; at < hours.length; at += BATCH_HOURS) {
      const seq = source.settledSeq()
      const spans = hours
        .slice(at, at + BATCH_HOURS)
        .map(({ series, from }) => ({ series, from, to: from + HOUR, seq }))
      let readings = 0
      for (const { series, from, to } of spans)
        readings += source.count(series, from, to, seq, Number.MAX_SAFE_INTEGER)
      if (readings === 0) continue
      yield { type: 'forget', spans }
      onEvent({ type: 'expiredOnArrival', readings })
    }
  }

  /** A file that cannot be written waits for the next round; a damaged one is replaced by what can be read of it. */
  private *unreadable(name: MonthName, error: unknown, targets: FoldTargets): Generator<FoldRequest, void> {
    targets.leaveOut(name)
    if (!isDamage(error)) return this.fail(error)
    const { dir, files, clock, onEvent } = this.parts
    try {
      files.close(name)
      yield* paused(salvageMonth(dir, name, clock.now()))
      this.step('salvaged')
      yield { type: 'release', name }
      takeSalvaged(dir, name, () => this.step('renamed'))
    } catch (failure) {
      if (failure instanceof RoundAborted) throw failure
      return this.fail(failure)
    }
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
