import type { MqttListeners, MqttListenersState } from '#contract/api/mqtt-clients.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { readSetting, writeSetting } from '#features/site/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'

const off: MqttListeners = { passwordMqtts: null, websocket: null }
const names = ['passwordMqtts', 'websocket'] as const

export interface ListenersDependencies {
  db: SiteDb
  audit: AuditService
  /** Of a flag or the environment, in place of what is saved. */
  overrides: Partial<MqttListeners>
  /** @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden`: what was open stays */
  open(listeners: MqttListeners): Promise<MqttListeners>
}

/** The MQTT listeners that are off until a person turns them on. */
export class ListenersService {
  readonly #dependencies: ListenersDependencies
  readonly #inTurn = oneAtATime()
  #saved = off
  #open = off

  constructor(dependencies: ListenersDependencies) {
    this.#dependencies = dependencies
  }

  async start(): Promise<void> {
    this.#saved = { ...off, ...(await readSetting(this.#dependencies.db, 'mqttListeners')) }
  }

  /** What is to be open. */
  get wanted(): MqttListeners {
    return this.#with(this.#saved)
  }

  /** The ports that are open, where 0 asked for any. */
  get open(): MqttListeners {
    return this.#open
  }

  get state(): MqttListenersState {
    const { overrides } = this.#dependencies
    return { wanted: this.wanted, open: this.#open, fixed: names.filter((name) => name in overrides) }
  }

  opened(listeners: MqttListeners): void {
    this.#open = listeners
  }

  /**
   * Opens first and saves then: what cannot be opened is not kept.
   * @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden`
   */
  update(input: MqttListeners, audit: AuditDraft): Promise<MqttListenersState> {
    return this.#inTurn(async () => {
      const { open, overrides } = this.#dependencies
      const before = this.#saved
      // What is given for this run is not what shall be saved.
      const kept = names.filter((name) => name in overrides).map((name) => [name, before[name]])
      const asked: MqttListeners = { ...input, ...Object.fromEntries(kept) }
      audit.about('site', 'mqtt-listeners', null, { before, after: asked })
      // Also where nothing changes: one that found its port taken at start is tried again.
      this.#open = await open(this.#with(asked))
      if (names.every((name) => before[name] === asked[name])) audit.nothingChanged()
      else {
        try {
          await this.#save(asked, audit)
        } catch (error) {
          this.#open = await open(this.#with(before))
          throw error
        }
      }
      return this.state
    })
  }

  async #save(asked: MqttListeners, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      await writeSetting(trx, 'mqttListeners', asked)
      await log.recordIn(trx, audit)
    })
    this.#saved = asked
  }

  #with(saved: MqttListeners): MqttListeners {
    return { ...saved, ...this.#dependencies.overrides }
  }
}
