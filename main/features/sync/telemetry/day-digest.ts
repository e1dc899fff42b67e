import { createHash, type Hash } from 'node:crypto'
import { kindOf } from '#contract/model/reading-batch.ts'
import type { SeriesReadings } from './series-readings.ts'

export const DAY = 24 * 3_600_000
/** 2000-01-01, from which Postgres counts, in ms since 1970. */
const POSTGRES_EPOCH = 946_684_800_000n

export interface DayDigest {
  /** Days since 1970-01-01 UTC. */
  day: number
  readings: number
  /** SHA-256, hex. */
  digest: string
}

/** The same digests as `day_digests()` of the cloud (cloud/readings/day-digests.ts), of readings in order of time. */
export class DayDigests {
  readonly #days: DayDigest[] = []
  #day = Number.NaN
  #readings = 0
  #hash: Hash = createHash('sha256')

  add({ count, ts, values, flags, texts }: SeriesReadings): void {
    const fixed = Buffer.alloc(18)
    for (let row = 0; row < count; row++) {
      const at = ts[row] as number
      const day = Math.floor(at / DAY)
      if (day !== this.#day) this.#begin(day)
      const kind = flags[row] as number
      const value = values[row] as number
      const isText = kindOf(kind) === 'text'
      fixed.writeBigInt64BE((BigInt(at) - POSTGRES_EPOCH) * 1_000n, 0)
      fixed.writeDoubleBE(isText ? 0 : value, 8)
      fixed.writeInt16BE(kind, 16)
      this.#hash.update(fixed)
      if (isText) this.#hash.update(texts[value] ?? '', 'utf8')
      this.#readings += 1
    }
  }

  /** In order of time. Nothing can be added any more. */
  end(): DayDigest[] {
    this.#begin(Number.NaN)
    return this.#days
  }

  #begin(day: number): void {
    if (this.#readings > 0)
      this.#days.push({ day: this.#day, readings: this.#readings, digest: this.#hash.digest('hex') })
    this.#day = day
    this.#readings = 0
    this.#hash = createHash('sha256')
  }
}
