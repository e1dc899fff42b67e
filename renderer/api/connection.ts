import type { ClientLink } from '@orpc/client'

/** What a call may carry beside its input. */
export interface CallContext {
  /** Sent as `Idempotency-Key`: the same key and input give the same result again. */
  idempotencyKey?: string
}

export type Link = ClientLink<CallContext>

/** The long-lived channel to the engine, made anew for as long as it is wanted. */
export interface Connection {
  /** Begins to connect and to stay connected. */
  start(): void
  /** Ends the channel and every call and subscription on it. */
  stop(): void
  /** Drops the channel and makes a new one, for one that opened before the person signed in. */
  restart(): void
  /** The open link; waits for it, and fails with `LinkLostError` when it is not there in time. */
  link(signal?: AbortSignal): Promise<Link>
}

/** The engine cannot be reached now. */
export class LinkLostError extends Error {
  constructor(message = 'The site does not answer') {
    super(message)
    this.name = 'LinkLostError'
  }
}

/** A call waits this long for a link before it fails, in ms. */
const LINK_PATIENCE = 8_000

/** A link that is there or awaited: the common half of both connections. */
export class LinkSlot {
  #link: Link | null = null
  readonly #waiting = new Set<(link: Link) => void>()

  get current(): Link | null {
    return this.#link
  }

  set(link: Link | null): void {
    this.#link = link
    if (link === null) return
    for (const resolve of this.#waiting) resolve(link)
    this.#waiting.clear()
  }

  wait(signal?: AbortSignal): Promise<Link> {
    if (this.#link !== null) return Promise.resolve(this.#link)
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(onLink)
      }
      const onLink = (link: Link) => {
        settle()
        resolve(link)
      }
      const onAbort = () => {
        settle()
        reject(signal?.reason ?? new LinkLostError())
      }
      const timer = setTimeout(() => {
        settle()
        reject(new LinkLostError())
      }, LINK_PATIENCE)
      signal?.addEventListener('abort', onAbort)
      this.#waiting.add(onLink)
    })
  }
}
