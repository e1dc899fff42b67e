import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { ReadingsPlant } from '#tests/fixtures/readings-plant.ts'

const BEAT = 100

/** Readings that come in at a steady rate and are sent live. */
export class LiveReadings {
  readonly #plant: ReadingsPlant
  readonly #channels: number
  readonly #perSecond: number
  readonly #stop = new AbortController()
  #tail: Promise<void> = Promise.resolve()
  #feed: Promise<void> = Promise.resolve()
  #connection: CloudConnection | null = null
  #next = 0

  constructor(plant: ReadingsPlant, { channels, perSecond }: { channels: number; perSecond: number }) {
    this.#plant = plant
    this.#channels = channels
    this.#perSecond = perSecond
  }

  async start(): Promise<void> {
    await this.#append(this.#channels)
    await this.#plant.nameChannels()
    this.#connection = await this.#plant.connect('readings', this.#stop.signal)
    this.#tail = this.#plant.sync.runTail(this.#connection, this.#plant.session, this.#stop.signal)
    this.#feed = this.#run()
  }

  /** Readings that were stored and not sent yet. */
  async waiting(): Promise<number> {
    return (await this.#plant.historian.stats()).lastSeq - (await this.#plant.tailSeq())
  }

  /** @returns bytes on the wire, both ways, and readings that were sent */
  async stop(): Promise<{ bytes: number; readings: number }> {
    const bytes = (this.#connection?.bytesWritten ?? 0) + (this.#connection?.bytesRead ?? 0)
    const readings = this.#next - (this.#stop.signal.aborted ? 0 : await this.waiting())
    this.#stop.abort()
    await Promise.allSettled([this.#feed, this.#tail])
    await this.#connection?.close()
    return { bytes, readings }
  }

  async #run(): Promise<void> {
    const startedAt = performance.now()
    const first = this.#next
    while (!this.#stop.signal.aborted) {
      const due = first + ((performance.now() - startedAt) / 1_000) * this.#perSecond
      if (due > this.#next) await this.#append(Math.floor(due - this.#next))
      await new Promise((resolve) => setTimeout(resolve, BEAT))
    }
  }

  async #append(count: number): Promise<void> {
    const { historian, assignmentId } = this.#plant
    const now = Date.now()
    await historian.append(
      Array.from({ length: count }, () => {
        const at = this.#next++
        const channel = `live ${at % this.#channels}`
        // Some ms before or after its turn.
        const ts = now + Math.floor((at * 7_919) % 40)
        const value = Math.round(2_000 + Math.sin(at / 5_000) * 500 + ((at * 104_729) % 31)) / 100
        return {
          assignmentId,
          channel,
          kind: 'number' as const,
          unit: null,
          ts: ts + (at % 3),
          value,
          quality: 0,
        }
      }),
    )
  }
}
