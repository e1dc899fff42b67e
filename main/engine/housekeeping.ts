import type { CredentialsService } from '#features/enrollment/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Log } from '#platform/log/log.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface HousekeepingDependencies {
  clock: Clock
  log: Log
  pki: Pki
  credentials: CredentialsService
  deletions: { startDue(): Promise<void> }
  /** Of MQTT clients: each ends at its time. */
  mqttPolicies: { reconcile(): Promise<void> }
  /** `isForced`: hand the certificates on although none of the site's own is new, for a CA has a successor. */
  renew(isForced: boolean): Promise<void>
}

/** What has to be done from time to time without anybody asking. Each task runs alone, and its failure is logged. */
export class Housekeeping {
  readonly #tasks: { name: string; every: number; run: () => Promise<unknown> }[]
  readonly #log: Log
  #timers: NodeJS.Timeout[] = []

  constructor({ clock, log, pki, credentials, deletions, mqttPolicies, renew }: HousekeepingDependencies) {
    this.#log = log
    this.#tasks = [
      { name: 'expire hand-overs', every: 5 * MINUTE, run: () => credentials.expire() },
      { name: 'delete tenants', every: 5 * MINUTE, run: () => deletions.startDue() },
      { name: 'end MQTT clients', every: 30 * SECOND, run: () => mqttPolicies.reconcile() },
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
    for (const { name, run } of this.#tasks.slice(0, 2)) void this.#run(name, run)
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
