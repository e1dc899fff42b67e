import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  status: number
  body: string
  /** From the call to the last byte, ms. */
  ms: number
}

/** One caller of a site over plain HTTP on this machine, from an address of their own, with a connection kept open. */
export class Person {
  readonly #origin: URL
  readonly #agent: Agent
  /** Sent as bearer token from now on. */
  token: string | null = null

  /** @param number 0 to 65,535: which of the addresses 127.1.x.y they come from */
  constructor(origin: string, number: number) {
    this.#origin = new URL(origin)
    const localAddress = `127.1.${number >> 8}.${number & 255}`
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress })
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const startedAt = performance.now()
    const content = body === undefined ? undefined : JSON.stringify(body)
    const headers: Record<string, string | number> = {
      ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
      ...(content !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(content),
      }),
    }
    const { hostname, port } = this.#origin
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, path, method, headers, agent: this.#agent })
      outgoing.on('error', reject)
      outgoing.on('response', (answer) => {
        text(answer).then(
          (body) => resolve({ status: answer.statusCode ?? 0, body, ms: performance.now() - startedAt }),
          reject,
        )
      })
      outgoing.end(content)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** The value that this share of all is below; null without any. */
export function quantile(times: readonly number[], share: number): number | null {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}
