import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadTarget } from '../load/load-protocol.ts'
import { Mosquitto } from './mosquitto.ts'

/** mosquitto and a subscriber that writes to SQLite: what the engine is compared with. */
export class PeerPipeline {
  readonly #mosquitto = new Mosquitto()
  #subscriber: ChildProcess | null = null

  async start(clientCa: string): Promise<void> {
    await this.#mosquitto.start(clientCa)
    const entry = fileURLToPath(new URL('./subscriber-process.ts', import.meta.url))
    const file = join(this.#mosquitto.dir, 'readings.sqlite')
    const subscriber = fork(entry, [String(this.#mosquitto.subscriberPort), file])
    this.#subscriber = subscriber
    await once(subscriber, 'message')
  }

  get target(): LoadTarget {
    return this.#mosquitto.target
  }

  /** Rows on disk. */
  async committed(): Promise<number> {
    const subscriber = this.#subscriber
    if (subscriber === null) return 0
    const answer = once(subscriber, 'message')
    subscriber.send('committed')
    const [count] = (await answer) as [number]
    return count
  }

  async stop(): Promise<void> {
    const subscriber = this.#subscriber
    if (subscriber !== null && subscriber.exitCode === null) {
      const gone = once(subscriber, 'exit')
      subscriber.disconnect()
      await gone
    }
    await this.#mosquitto.stop()
  }
}
