import type { Output } from '../output.ts'
import { alignColumns, printable } from '../table.ts'
import type { Job } from './bench-types.ts'
import { resultOf } from './job-words.ts'

/** Without a terminal: a line for each step, and for each of these percents of it. */
const TOLD_EVERY = 25
/** Drawn again at most so often, ms. */
const DRAWN_EVERY = 100

/** How boards come on, a line each: drawn in place on a terminal, line after line elsewhere. Never on stdout. */
export class JobProgress {
  readonly #output: Output
  readonly #jobs = new Map<string, Job>()
  readonly #told = new Map<string, string>()
  #drawn = 0
  #drawnAt = 0

  constructor(output: Output) {
    this.#output = output
  }

  show(job: Job): void {
    this.#jobs.set(job.id, job)
    if (!this.#output.isWatched) this.#tell(job)
    else if (performance.now() - this.#drawnAt >= DRAWN_EVERY || job.state !== 'running') this.#draw()
  }

  /** What else is to be said, above the lines that are drawn. */
  say(text: string): void {
    this.#clear()
    this.#output.note(text)
    if (this.#output.isWatched && this.#jobs.size > 0) this.#draw()
  }

  /** The last state of all stays where it is. */
  end(): void {
    if (this.#output.isWatched && this.#jobs.size > 0) this.#draw()
    this.#drawn = 0
  }

  #tell(job: Job): void {
    const { state, progress } = job
    const percent = percentOf(job)
    const quarter = percent === null ? 0 : percent - (percent % TOLD_EVERY)
    const mark = `${state} ${resultOf(job)} ${quarter}`
    if (this.#told.get(job.id) === mark) return
    this.#told.set(job.id, mark)
    const isFirst = progress === null || quarter === 0
    const words = [
      job.port.name,
      job.gateway?.code ?? '-',
      wordOf(job, isFirst ? null : quarter),
      remedyOf(job),
    ]
    this.#output.note(words.filter((word) => word !== '').join('  '))
  }

  #draw(): void {
    const rows = [...this.#jobs.values()].map((job) => [
      job.port.name,
      job.gateway?.code ?? '-',
      wordOf(job, percentOf(job)),
      timeOf(job) || job.boardSays || remedyOf(job),
    ])
    const width = process.stderr.columns || 80
    const lines = alignColumns(rows).map((line) => [...line].slice(0, width - 1).join(''))
    this.#clear()
    this.#output.draw(`${lines.join('\n')}\n`)
    this.#drawn = lines.length
    this.#drawnAt = performance.now()
  }

  /** ECMA-48 8.3.22, 8.3.39: up so many lines, and away with all below. */
  #clear(): void {
    if (this.#drawn > 0) this.#output.draw(`\u001b[${this.#drawn}A\u001b[J`)
    this.#drawn = 0
  }
}

function wordOf(job: Job, percent: number | null): string {
  const word = resultOf(job)
  return job.state === 'running' && percent !== null ? `${word} ${percent} %` : word
}

function remedyOf({ error }: Job): string {
  return error === null ? '' : printable(error.message)
}

function timeOf({ state, progress }: Job): string {
  const { secondsLeft = null, rate = null } = progress ?? {}
  if (state !== 'running' || secondsLeft === null || rate === null) return ''
  return `${Math.ceil(secondsLeft)} s left, ${Math.round(rate / 1024)} KB/s`
}

function percentOf({ progress }: Job): number | null {
  return progress === null || progress.total === 0 ? null : Math.floor((progress.done / progress.total) * 100)
}
