import type { ExpectedError } from '#contract/errors.ts'
import type { CodedProblem } from '#contract/model/cloud.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Log } from '#platform/log/log.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import { Alarm } from './alarm.ts'
import { nextTry } from './backoff.ts'

export interface SetbackOptions {
  clock: Clock
  log: Log
  /** What fails, for the log: `sending readings`. */
  step: string
  /** What is to be shown changed. */
  changed(): void
  /** From 0 to 1. */
  random?: () => number
}

/** A part of the session that fails by itself while the line is fine: it alone rests, longer each time. */
export class Setback {
  readonly #options: SetbackOptions
  readonly #alarm = new Alarm()
  #failures = 0
  #said: string | null = null
  /** Null: it goes well. */
  problem: CodedProblem | null = null
  /** When it is tried again, ms since 1970; null: it goes well. */
  retryAt: number | null = null

  constructor(options: SetbackOptions) {
    this.#options = options
  }

  get step(): string {
    return this.#options.step
  }

  /**
   * The log says each cause once.
   * @param heldFor how long it went well before, ms
   * @returns how long it is to rest, ms
   */
  failed(error: unknown, { failure, heldFor }: { failure: ExpectedError; heldFor: number }): number {
    const { clock, log, step, changed, random = Math.random } = this.#options
    const cause = error instanceof Error ? error.message.slice(0, 200) : ''
    // The line is not lost: this is one of our own mistakes, or an answer that nobody has foreseen.
    const isKnown = failure.code !== 'cloud_link_lost'
    this.problem = isKnown
      ? { code: failure.code, data: failure.data }
      : { code: 'cloud_own_fault', data: { step, cause } }
    const { failures, time } = nextTry({
      failures: this.#failures,
      code: this.problem.code,
      heldFor,
      random: random(),
    })
    this.#failures = failures
    this.retryAt = clock.now() + time
    const said = `${this.problem.code} ${cause}`
    if (said !== this.#said)
      log.warn(
        { code: this.problem.code, step, err: error },
        'a part of the link fails: it alone is tried again',
      )
    this.#said = said
    changed()
    return time
  }

  /** It went well, or is not wanted any more. */
  passed(): void {
    if (this.problem === null) return
    const { log, step, changed } = this.#options
    this.problem = null
    this.retryAt = null
    this.#failures = 0
    this.#said = null
    log.info({ step }, 'a part of the link that failed goes on')
    changed()
  }

  /** Until the time is over (ms), or `again`. */
  rest(time: number, signal: AbortSignal): Promise<void> {
    return this.#alarm.wait(time, signal)
  }

  /** Something was changed: it is tried at once. */
  again(): void {
    if (this.problem !== null) this.#alarm.ring()
  }
}

/** A line that is slower than that counts as lost, ms. */
const PATIENCE = 10_000

/** Whether the failure before was not the line's: the other side still answers, be it with an error. */
export async function stillAnswers({ client }: Pick<CloudConnection, 'client'>): Promise<boolean> {
  let late: NodeJS.Timeout | undefined
  const silent = new Promise<boolean>((resolve) => {
    late = setTimeout(() => resolve(false), PATIENCE).unref()
  })
  const asked = client.query('SELECT 1').then(
    () => true,
    // FATAL is the last word of a connection; an ERROR is an answer like others.
    (error: unknown) => error instanceof Error && 'severity' in error && error.severity === 'ERROR',
  )
  const answers = await Promise.race([asked, silent])
  clearTimeout(late)
  return answers
}
