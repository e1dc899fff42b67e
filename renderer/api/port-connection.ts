import { RPCLink } from '@orpc/client/message-port'
import { PORT_MESSAGE, type ShellApi } from '#contract/shell.ts'
import { type CallContext, type Connection, type Link, LinkSlot } from './connection.ts'
import { callHeaders } from './headers.ts'
import { setLinkState } from './link-state.ts'

/** On the desktop: a MessagePort to the engine's process, asked for anew each time that process starts. */
export class PortConnection implements Connection {
  readonly #shell: ShellApi
  readonly #slot = new LinkSlot()
  #port: MessagePort | null = null
  #started = false
  #stopListening: (() => void) | undefined

  constructor(shell: ShellApi) {
    this.#shell = shell
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    window.addEventListener('message', this.#receive)
    this.#stopListening = this.#shell.onEngineState((engine) => {
      if (engine.state === 'running') {
        if (this.#port === null) this.#shell.connect()
      } else if (engine.state !== 'starting') this.#lose()
    })
    this.#shell.connect()
  }

  stop(): void {
    this.#started = false
    window.removeEventListener('message', this.#receive)
    this.#stopListening?.()
    this.#port?.close()
    this.#port = null
    this.#slot.set(null)
    setLinkState('connecting')
  }

  /** The session is the window's: the port stays. */
  restart(): void {
    this.start()
  }

  link(signal?: AbortSignal): Promise<Link> {
    this.start()
    return this.#slot.wait(signal)
  }

  readonly #receive = (event: MessageEvent): void => {
    // Only the preload script of this very window can hand over a port.
    if (event.source !== window || event.data !== PORT_MESSAGE) return
    const port = event.ports[0]
    if (port === undefined) return
    this.#port?.close()
    this.#port = port
    const link = new RPCLink<CallContext>({ port, headers: callHeaders })
    port.addEventListener('close', () => {
      if (this.#port === port) this.#lose()
    })
    port.start()
    this.#slot.set(link)
    setLinkState('live')
  }

  #lose(): void {
    this.#port?.close()
    this.#port = null
    this.#slot.set(null)
    setLinkState('lost')
  }
}
