import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FlashLogLine } from '#contract/model/flash.ts'

/** A board that talks without end fills no disk. */
const MOST_BYTES = 2 * 1024 ** 2
const MOST_LINE = 2_000
/** Lines are on disk this much later, ms. */
const DELAY = 250

interface StoredLine {
  at: number
  from: FlashLogLine['from']
  text: string
}

interface Pending {
  lines: string[]
  bytes: number
  isFull: boolean
  /** This process wrote to its file: what stands there ends with a whole line. */
  isBegun: boolean
}

/** What the bench did and what boards said, a file a job in `<data>/flash-logs/`: one line of JSON for each. */
export class JobLogs {
  readonly #dir: string
  readonly #now: () => number
  readonly #report: (error: unknown) => void
  readonly #pending = new Map<string, Pending>()
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(dir: string, now: () => number, report: (error: unknown) => void) {
    this.#dir = dir
    this.#now = now
    this.#report = report
  }

  /** Takes a line; never waits. What comes after 2 MB is left out, and the log says so. */
  add(jobId: string, from: FlashLogLine['from'], text: string, at = this.#now()): void {
    const kept = this.#pending.get(jobId) ?? { lines: [], bytes: 0, isFull: false, isBegun: false }
    this.#pending.set(jobId, kept)
    if (kept.isFull) return
    const line = JSON.stringify({ at, from, text: text.slice(0, MOST_LINE) } satisfies StoredLine)
    kept.bytes += line.length + 1
    kept.isFull = kept.bytes > MOST_BYTES
    const end: StoredLine = { at, from: 'bench', text: 'The log is full: what came after this is left out' }
    kept.lines.push(kept.isFull ? JSON.stringify(end) : line)
    this.#timer ??= setTimeout(() => void this.flush(), DELAY).unref()
  }

  /** All that was added is in the files then. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  /** Lines are in the order in which they came. */
  async read(jobId: string): Promise<FlashLogLine[]> {
    await this.flush()
    let text: string
    try {
      text = await readFile(this.#file(jobId), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
    return text.split('\n').flatMap((line) => readLine(line))
  }

  /** The job ended: its pending count is not kept in memory. */
  async close(jobId: string): Promise<void> {
    await this.flush()
    this.#pending.delete(jobId)
  }

  async remove(jobIds: Iterable<string>): Promise<void> {
    await this.flush()
    for (const id of jobIds) {
      this.#pending.delete(id)
      await rm(this.#file(id), { force: true })
    }
  }

  /** Logs of jobs that are gone go too. */
  async sweep(exists: (jobId: string) => Promise<boolean>): Promise<void> {
    const names = await readdir(this.#dir).catch(() => [])
    for (const name of names) {
      const id = name.replace(/\.log$/, '')
      if (!(await exists(id))) await rm(join(this.#dir, name), { force: true })
    }
  }

  /** Logs that nothing was written to since `before`, ms, go. */
  async sweepOlder(before: number): Promise<void> {
    for (const name of await readdir(this.#dir).catch(() => [])) {
      const file = join(this.#dir, name)
      const { mtimeMs } = await stat(file)
      if (mtimeMs < before) await rm(file, { force: true })
    }
  }

  async #write(): Promise<void> {
    for (const [jobId, kept] of this.#pending) {
      const lines = kept.lines.splice(0)
      if (lines.length === 0) continue
      try {
        await mkdir(this.#dir, { recursive: true, mode: 0o700 })
        const file = await open(this.#file(jobId), 'a', 0o600)
        try {
          // A line that a crash cut short stays by itself.
          const start = kept.isBegun ? '' : '\n'
          await file.write(`${start}${lines.join('\n')}\n`)
          kept.isBegun = true
        } finally {
          await file.close()
        }
      } catch (error) {
        this.#report(error)
      }
    }
  }

  #file(jobId: string): string {
    return join(this.#dir, `${jobId}.log`)
  }
}

function readLine(line: string): FlashLogLine[] {
  try {
    const { at, from, text } = JSON.parse(line) as StoredLine
    return [{ at: new Date(at), from, text }]
  } catch {
    return []
  }
}
