import { say } from '../figure.ts'
import type { Load } from '../load/load.ts'

/** A pipeline that takes load and counts what it has on disk. */
export interface Held {
  name: string
  load: Load
  /** Rows on disk. */
  committed(): Promise<number>
}

/** A rate is held when all but this share is on disk soon after the last send, and acknowledged in time. */
const MISSING = 0.001
/** ms: a p99 beyond this means that messages wait longer and longer. */
const LATEST_P99 = 1_000

/** Offers `rate` for `seconds`; tells whether it was held. */
export async function heldAt(
  pipeline: Held,
  rate: number,
  seconds: number,
): Promise<{ held: boolean; p99: number | null }> {
  const before = await pipeline.committed()
  const startedAt = performance.now()
  const result = await pipeline.load.publish(rate, seconds)
  // The peer acknowledges before it commits: half a second for what is on its way, a twentieth of a step.
  await new Promise((resolve) => setTimeout(resolve, 500))
  const committed = (await pipeline.committed()) - before
  const elapsed = (performance.now() - startedAt) / 1_000
  const inTime = committed >= result.due * (1 - MISSING) && result.seconds <= seconds + 0.5
  const held = inTime && result.lost === 0 && (result.p99 ?? Number.POSITIVE_INFINITY) <= LATEST_P99
  say(
    `  ${pipeline.name} ${rate}/s for ${seconds} s: ${committed} of ${result.due} committed in ${elapsed.toFixed(1)} s, p99 ${result.p99?.toFixed(1)} ms, ${result.lost} lost${held ? '' : ' (not held)'}`,
  )
  return { held, p99: result.p99 }
}

/** The highest rate that is held, to about 4 %: up by steps until one fails, then between. */
export async function findHeldRate(pipeline: Held, seconds: number): Promise<number> {
  let low = 0
  let high = 0
  for (let rate = 8_000; high === 0; rate = Math.round(rate * 1.3)) {
    if ((await heldAt(pipeline, rate, seconds)).held) low = rate
    else high = rate
  }
  if (low === 0) return findLow(pipeline, seconds, high)
  while (high / low > 1.06) {
    const middle = Math.round((low + high) / 2)
    if ((await heldAt(pipeline, middle, seconds)).held) low = middle
    else high = middle
  }
  return low
}

async function findLow(pipeline: Held, seconds: number, from: number): Promise<number> {
  for (let rate = Math.floor(from * 0.7); rate >= 500; rate = Math.floor(rate * 0.7)) {
    if ((await heldAt(pipeline, rate, seconds)).held) return rate
  }
  return 0
}
