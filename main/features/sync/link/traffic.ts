import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'

interface Sample {
  at: number
  bytes: number
  readings: number
}

const WINDOW = 10_000

/** Bytes over all connections of a link, as they are on the wire, and how fast things go. */
export class Traffic {
  readonly #open = new Set<CloudConnection>()
  #closed = 0
  #samples: Sample[] = []

  add(connection: CloudConnection): void {
    this.#open.add(connection)
    void this.#closeWhenEnded(connection)
  }

  async #closeWhenEnded(connection: CloudConnection): Promise<void> {
    await connection.ended
    this.#open.delete(connection)
    this.#closed += bytesOf(connection)
  }

  /** Both ways, since the engine started. */
  get bytes(): number {
    let bytes = this.#closed
    for (const connection of this.#open) bytes += bytesOf(connection)
    return bytes
  }

  /** @param readings sent so far; @param at ms, of a clock that only goes on */
  sample(readings: number, at: number): void {
    this.#samples.push({ at, readings, bytes: this.bytes })
    while ((this.#samples[0]?.at ?? at) < at - WINDOW) this.#samples.shift()
  }

  /** A second, over the last ten. */
  rates(at: number): { readingsPerSecond: number; bytesPerSecond: number } {
    const first = this.#samples.find((sample) => sample.at >= at - WINDOW)
    const last = this.#samples.at(-1)
    if (!first || !last || last.at <= first.at) return { readingsPerSecond: 0, bytesPerSecond: 0 }
    const seconds = (Math.max(at, last.at) - first.at) / 1000
    // Sums begin anew when a tenant goes.
    const rate = (amount: number) => Math.max(0, Math.round((amount / seconds) * 10) / 10)
    return {
      readingsPerSecond: rate(last.readings - first.readings),
      bytesPerSecond: Math.round(rate(last.bytes - first.bytes)),
    }
  }
}

function bytesOf(connection: CloudConnection): number {
  return connection.bytesRead + connection.bytesWritten
}
