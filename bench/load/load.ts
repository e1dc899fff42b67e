import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { say } from '../figure.ts'
import type { LoadAnswer, LoadGateway, LoadRequest, LoadTarget, PublishResult } from './load-protocol.ts'

/** A load generator in its own process, so that its work is not the engine's. */
export class Load {
  readonly #child: ChildProcess

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./load-generator.ts', import.meta.url)), {
      serialization: 'advanced',
    })
  }

  async prepare(gateways: LoadGateway[], target: LoadTarget): Promise<void> {
    await this.#ask({ do: 'prepare', gateways, target })
  }

  /** @returns seconds until the last of them was accepted */
  async connect({ resume = false, atOnce = 50 } = {}): Promise<number> {
    const answer = await this.#ask({ do: 'connect', resume, atOnce })
    if (!('connect' in answer)) throw new Error('not an answer to connect')
    const { missing, retries, cause, seconds } = answer.connect
    if (retries > 0) say(`  ${retries} attempts failed (${cause}) and were made again`)
    if (missing > 0) throw new Error(`${missing} could not connect: ${cause}`)
    return seconds
  }

  async publish(rate: number, seconds: number, warmUp = Math.min(3, seconds / 4)): Promise<PublishResult> {
    const answer = await this.#ask({ do: 'publish', rate, seconds, warmUp })
    if (!('publish' in answer)) throw new Error('not an answer to publish')
    return answer.publish
  }

  async cut(): Promise<void> {
    await this.#ask({ do: 'cut' })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    await this.#ask({ do: 'close' }).catch(() => {})
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }

  async #ask(request: LoadRequest): Promise<Extract<LoadAnswer, { ok: true }>> {
    const reply = new Promise<LoadAnswer>((resolve, reject) => {
      this.#child.once('message', (message) => resolve(message as LoadAnswer))
      this.#child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)))
    })
    this.#child.send(request)
    const answer = await reply
    this.#child.removeAllListeners('exit')
    if (!answer.ok) throw new Error(answer.cause)
    return answer
  }
}
