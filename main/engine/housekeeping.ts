import type { CredentialsService } from '#features/enrollment/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Log } from '#platform/log/log.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface HousekeepingDependencies {
  clock: Clock
  log: Log
  pki: Pki
  credentials: CredentialsService
  /** `isForced`: hand the certificates on although none of the site's own is new, for a CA has a successor. */
  renew(isForced: boolean): Promise<void>
}

/** What has to be done from time to time without anybody asking. Each task runs alone, and its failure is logged. */
export class Housekeeping {
  readonly #tasks: { name: string; every: number; run: () => Promise<unknown> }[]
  readonly #log: Log
  #timers: NodeJS.Timeout[] = []

  constructor({ clock, log, pki, credentials, renew }: HousekeepingDependencies) {
    this.#log = log
    this.#tasks = [
      { name: 'expire hand-overs', every: 5 * MINUTE, run: () => credentials.expire() },
      { name: 'sign the revocation list', every: HOUR, run: () => pki.refreshCrlIfDue(clock.now()) },
      {
        name: 'renew server certificates',
        every: DAY,
        run: () => pki.succeedAuthorities(clock.now()).then((succeeded) => renew(succeeded.length > 0)),
      },
    ]
  }

  start(): void {
    this.#timers = this.#tasks.map(({ name, every, run }) =>
      setInterval(() => void this.#run(name, run), every),
    )
    void this.#run('expire hand-overs', () => this.#tasks[0]?.run() ?? Promise.resolve())
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #run(name: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run()
    } catch (err) {
      this.#log.error({ err, task: name }, 'housekeeping failed; it is tried again')
    }
  }
}
