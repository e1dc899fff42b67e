import type { TapFollow, TapOptions } from '#contract/model/tapped.ts'
import type { Log } from '#platform/log/log.ts'
import type { TopicsBroker } from './topics-port.ts'

/** The broker goes on copying so long after the last one looked, so that who comes back finds what was there, ms. */
const LINGER = 30_000

/** Somebody who looks. */
export interface TapUse {
  /** Null: at all tenants. */
  tenantId: string | null
  follow: Omit<TapFollow, 'id'> | null
}

export interface TapControlParts {
  broker: Pick<TopicsBroker, 'tap'>
  log: Log
  /** The broker copies for these tenants from now on; null: for nobody. */
  changed(tenants: { all: boolean; ids: ReadonlySet<string> } | null): void
}

/** Tells the broker what to copy: what somebody looks at, and nothing while nobody does. */
export class TapControl {
  readonly #parts: TapControlParts
  readonly #uses = new Map<number, TapUse>()
  #lastId = 0
  #linger: NodeJS.Timeout | null = null
  #isDue = false
  /** Of those who looked last; null: all. */
  #tenants: string[] | null = null
  isOpen = false

  constructor(parts: TapControlParts) {
    this.#parts = parts
  }

  /** @returns the id of its follow, and how it ends */
  use(use: TapUse): { id: number; release(): void } {
    this.#lastId += 1
    const id = this.#lastId
    this.#uses.set(id, use)
    this.#tellSoon()
    return {
      id,
      release: () => {
        if (this.#uses.delete(id)) this.#tellSoon()
      },
    }
  }

  /** A broker that was started again knows nothing of it. */
  brokerRestarted(): void {
    if (this.#uses.size > 0) this.#tell()
  }

  stop(): void {
    if (this.#linger) clearTimeout(this.#linger)
    this.#linger = null
    this.#uses.clear()
  }

  /** Changes of one turn go together. */
  #tellSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      this.#tell()
    })
  }

  #tell(): void {
    if (this.#linger) clearTimeout(this.#linger)
    this.#linger = null
    if (this.#uses.size === 0) {
      this.#linger = setTimeout(() => this.#end(), LINGER).unref()
      // Meanwhile nobody follows single messages.
      this.#send({ tenants: this.#tenants, follows: [] })
      return
    }
    const uses = [...this.#uses]
    const all = uses.some(([, { tenantId }]) => tenantId === null)
    const ids = new Set(uses.flatMap(([, { tenantId }]) => tenantId ?? []))
    this.isOpen = true
    this.#parts.changed({ all, ids })
    this.#tenants = all ? null : [...ids]
    this.#send({
      tenants: this.#tenants,
      follows: uses.flatMap(([id, { follow }]) => (follow === null ? [] : [{ ...follow, id }])),
    })
  }

  #end(): void {
    this.isOpen = false
    this.#parts.changed(null)
    this.#send(null)
  }

  #send(options: TapOptions | null): void {
    // Where the broker starts again, it is told then.
    this.#parts.broker
      .tap(options)
      .catch((err: unknown) => this.#parts.log.debug({ err }, 'the broker was not told who looks at topics'))
  }
}
