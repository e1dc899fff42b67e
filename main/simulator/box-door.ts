import { once } from 'node:events'
import { Agent, type RequestOptions, request } from 'node:https'
import { buffer } from 'node:stream/consumers'

export interface BoxDoorOptions {
  /** The listener for devices: `https://10.0.0.5:8444`. */
  origin: string
  /** PEM of the device root, as it was burned into the box. */
  ca: string
  /** Where a box of several on one machine sends from. */
  localAddress?: string
  /** Keep so many connections open; where left out each request makes its own, as small boxes do. */
  sockets?: number
}

export interface BoxAnswer {
  status: number
  /** s, as `Retry-After` says; null where it says nothing. */
  retryAfter: number | null
  body: Record<string, unknown>
}

/** A box's end of the listener for devices: JSON over HTTPS, nothing more. */
export class BoxDoor {
  readonly #options: BoxDoorOptions
  readonly #agent: Agent

  constructor(options: BoxDoorOptions) {
    this.#options = options
    const { ca, sockets } = options
    const kept = sockets === undefined ? { keepAlive: false } : { keepAlive: true, maxSockets: sockets }
    this.#agent = new Agent({ ca, ...kept })
  }

  /** @throws Error where the site cannot be reached */
  async ask(
    method: 'GET' | 'POST',
    path: string,
    given: { secret?: string; body?: unknown; signal?: AbortSignal } = {},
  ): Promise<BoxAnswer> {
    const { origin, localAddress } = this.#options
    const { secret, body, signal } = given
    const text = body === undefined ? undefined : JSON.stringify(body)
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      headers: {
        ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
        ...(text !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        }),
      },
      timeout: 30_000,
      ...(localAddress !== undefined && { localAddress }),
      ...(signal && { signal }),
    }
    const sent = request(new URL(path, origin), options)
    sent.on('timeout', () => sent.destroy(new Error('no answer in 30 s')))
    sent.end(text)
    const [answer] = await once(sent, 'response')
    const retryAfter = Number(answer.headers['retry-after'])
    return {
      status: answer.statusCode,
      retryAfter: retryAfter > 0 ? retryAfter : null,
      body: parse(await buffer(answer)),
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

function parse(bytes: Buffer): Record<string, unknown> {
  try {
    return (JSON.parse(bytes.toString()) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}
