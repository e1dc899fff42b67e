import { HOUR } from '../blocks/rollup-columns.ts'
import type { DueHour } from './due-hours.ts'
import type { FoldPolicy } from './fold-policy.ts'
import { type MonthName, monthOf } from './month-file.ts'
import { keyOf, type MonthFiles } from './month-files.ts'

/** Hours that go to one file, in order of (series, time). */
interface FileHours {
  name: MonthName
  hours: DueHour[]
}

/**
 * Which file an hour goes to: the one that has it already, whatever the class of its series is by now, else the one
 * of the class. An hour is never in two files, so that the newest value of a reading is never a matter of files.
 */
export class FoldTargets {
  private readonly files: MonthFiles
  private readonly policy: FoldPolicy
  private readonly now: number
  private readonly byFile = new Map<string, FileHours>()
  private readonly left = new Set<string>()
  private months = new Map<string, MonthName[]>()
  private expired: DueHour[] = []

  constructor(files: MonthFiles, policy: FoldPolicy, now: number) {
    this.files = files
    this.policy = policy
    this.now = now
  }

  /** Sorts hours to their files; returns the files that could not be looked into, whose months wait. */
  sort(hours: DueHour[]): { name: MonthName; cause: unknown }[] {
    const unreadable: { name: MonthName; cause: unknown }[] = []
    this.months = new Map()
    for (const name of this.files.list()) {
      const others = this.months.get(name.month)
      if (others) others.push(name)
      else this.months.set(name.month, [name])
    }
    for (const hour of hours) {
      const month = monthOf(hour.from)
      if (this.left.has(month)) continue
      try {
        this.add(hour, month)
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        this.left.add(month)
        unreadable.push({ name: error.file, cause: error.cause })
      }
    }
    return unreadable
  }

  /** What was sorted, month by month. */
  take(): FileHours[] {
    const all = [...this.byFile.values()].filter(({ name }) => !this.left.has(name.month))
    this.byFile.clear()
    return all.sort((a, b) => (keyOf(a.name) < keyOf(b.name) ? -1 : 1))
  }

  /** Hours whose class does not keep them any more. */
  takeExpired(): DueHour[] {
    const expired = this.expired
    this.expired = []
    return expired
  }

  /** The month waits for the next round: where its hours are cannot be told without this file. */
  leaveOut({ month }: MonthName): void {
    this.left.add(month)
  }

  private add(hour: DueHour, month: string): void {
    if (!this.policy.knows(hour.series)) return
    const name = this.fileWith(hour, month) ?? this.fileFor(hour, month)
    if (name === null) {
      this.expired.push(hour)
      return
    }
    const known = this.byFile.get(keyOf(name))
    if (known) known.hours.push(hour)
    else this.byFile.set(keyOf(name), { name, hours: [hour] })
  }

  private fileWith({ series, from }: DueHour, month: string): MonthName | null {
    for (const name of this.months.get(month) ?? []) {
      try {
        if (this.files.get(name).hasHour(series, from, from + HOUR)) return name
      } catch (cause) {
        throw new Unreadable(name, cause)
      }
    }
    return null
  }

  private fileFor({ series }: DueHour, month: string): MonthName | null {
    const retentionClass = this.policy.classOf(series)
    return this.policy.isExpired(month, retentionClass, this.now) ? null : { month, retentionClass }
  }
}

class Unreadable extends Error {
  readonly file: MonthName

  constructor(file: MonthName, cause: unknown) {
    super('a month file cannot be read', { cause })
    this.file = file
  }
}
