import { damageOf } from '../store-errors.ts'
import { listMonths, type MonthName, monthFile, openMonth } from './month-file.ts'
import { preparePlace } from './month-parts.ts'
import { MonthWriter } from './month-writer.ts'

/** Files that stay open at the most. */
const OPEN_FILES = 6

const IDLE = 10 * 60_000

/** The open month files of the thread that writes them, by the time of their last use. */
export class MonthFiles {
  private readonly dir: string
  private readonly synchronous: 'FULL' | 'OFF'
  private readonly open = new Map<string, MonthWriter>()

  constructor(dir: string, synchronous: 'FULL' | 'OFF') {
    this.dir = dir
    this.synchronous = synchronous
  }

  /** Makes the file if it is not there. @throws ExpectedError `data_damaged`, `data_from_newer_version` */
  get(name: MonthName): MonthWriter {
    const key = keyOf(name)
    const known = this.open.get(key)
    if (known) {
      this.open.delete(key)
      this.open.set(key, known)
      return known
    }
    for (const [oldest, writer] of this.open) {
      if (this.open.size < OPEN_FILES) break
      this.open.delete(oldest)
      writer.close()
    }
    preparePlace(this.dir, name)
    const db = openMonth(this.dir, name, this.synchronous)
    try {
      const writer = new MonthWriter(db)
      this.open.set(key, writer)
      return writer
    } catch (error) {
      db.close()
      throw damageOf(error, monthFile(this.dir, name))
    }
  }

  list(): MonthName[] {
    return listMonths(this.dir)
  }

  close(name: MonthName): void {
    const key = keyOf(name)
    const writer = this.open.get(key)
    this.open.delete(key)
    writer?.close()
  }

  /**
   * After a round: what was written is in the files alone, so that each can be copied by itself; those that were not
   * used for a while are closed.
   */
  closeIdle(): void {
    for (const [key, writer] of this.open) {
      if (writer.checkpointIfWritten()) continue
      if (performance.now() - writer.usedAt < IDLE) continue
      this.open.delete(key)
      writer.close()
    }
  }

  /** Everything into the files, and all of them closed: nobody needs to know what a WAL is to copy one. */
  closeAll(): void {
    const writers = [...this.open.values()]
    this.open.clear()
    for (const writer of writers) writer.close()
  }
}

export function keyOf({ month, retentionClass }: MonthName): string {
  return `${month}.${retentionClass}`
}
