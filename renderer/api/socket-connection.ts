import { RPCLink } from '@orpc/client/websocket'
import { backoff } from './backoff.ts'
import { type CallContext, type Connection, type Link, LinkSlot } from './connection.ts'
import { callHeaders } from './headers.ts'
import { setLinkState } from './link-state.ts'

/**
 * While a socket closes, subscriptions that end still say goodbye on it, and each would be an unhandled error. What is
 * sent then is dropped; calls under way fail when the socket has closed, as ever.
 */
function forgiving(
  socket: WebSocket,
): Pick<WebSocket, 'addEventListener' | 'removeEventListener' | 'send' | 'readyState'> {
  return {
    addEventListener: socket.addEventListener.bind(socket),
    removeEventListener: socket.removeEventListener.bind(socket),
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message)
    },
    get readyState() {
      return socket.readyState === WebSocket.CLOSING ? WebSocket.OPEN : socket.readyState
    },
  }
}

/** Nothing heard for this long: the link is asked for a sign of life, in ms. */
const QUIET = 10_000
/** And given up when none comes, in ms. */
const PROBE_PATIENCE = 5_000

export interface SocketConnectionOptions {
  url: string
  /** Asks the site for anything over this link; its answer proves that the link lives. */
  probe(link: Link): Promise<unknown>
  /** Told of each failed try, before the wait: the session may have ended. */
  onRefused(): void
}

/**
 * A WebSocket to the engine that comes back by itself, with growing waits, and at once when the machine wakes, the
 * network returns or the window is looked at again. A half-open link (sleep, pulled cable) is found by silence.
 */
export class SocketConnection implements Connection {
  readonly #options: SocketConnectionOptions
  readonly #slot = new LinkSlot()
  #socket: WebSocket | null = null
  #wanted = false
  #attempt = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #watch: ReturnType<typeof setInterval> | undefined
  #heardAt = 0

  constructor(options: SocketConnectionOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#wanted) return
    this.#wanted = true
    window.addEventListener('online', this.#hurry)
    document.addEventListener('visibilitychange', this.#hurry)
    setLinkState('connecting')
    this.#open()
  }

  stop(): void {
    this.#wanted = false
    window.removeEventListener('online', this.#hurry)
    document.removeEventListener('visibilitychange', this.#hurry)
    clearTimeout(this.#retry)
    this.#drop()
    setLinkState('connecting')
  }

  restart(): void {
    this.stop()
    this.#attempt = 0
    this.start()
  }

  link(signal?: AbortSignal): Promise<Link> {
    this.start()
    return this.#slot.wait(signal)
  }

  #open(): void {
    clearTimeout(this.#retry)
    const socket = new WebSocket(this.#options.url)
    // Frames keep their order only when none has to be read asynchronously.
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    const link = new RPCLink<CallContext>({ websocket: forgiving(socket), headers: callHeaders })
    socket.addEventListener('open', () => {
      this.#attempt = 0
      this.#heardAt = Date.now()
      this.#watch = setInterval(() => this.#listen(socket, link), QUIET / 2)
      this.#slot.set(link)
      setLinkState('live')
    })
    socket.addEventListener('message', () => {
      this.#heardAt = Date.now()
    })
    socket.addEventListener('close', () => this.#closed(socket))
  }

  #closed(socket: WebSocket): void {
    if (socket !== this.#socket) return
    clearInterval(this.#watch)
    this.#socket = null
    this.#slot.set(null)
    if (!this.#wanted) return
    setLinkState('lost')
    this.#options.onRefused()
    this.#retry = setTimeout(() => this.#open(), backoff(this.#attempt))
    this.#attempt += 1
  }

  #listen(socket: WebSocket, link: Link): void {
    if (Date.now() - this.#heardAt < QUIET) return
    const patience = setTimeout(() => {
      if (Date.now() - this.#heardAt >= QUIET) this.#giveUp(socket)
    }, PROBE_PATIENCE)
    this.#options
      .probe(link)
      .catch(() => {})
      .finally(() => clearTimeout(patience))
  }

  /** Closing a dead socket can take a minute: act at once as if it had closed. */
  #giveUp(socket: WebSocket): void {
    socket.close()
    this.#closed(socket)
  }

  #drop(): void {
    clearInterval(this.#watch)
    const socket = this.#socket
    this.#socket = null
    this.#slot.set(null)
    socket?.close()
  }

  readonly #hurry = (): void => {
    if (document.visibilityState === 'hidden' || !this.#wanted || this.#socket !== null) return
    this.#attempt = 0
    this.#open()
  }
}
