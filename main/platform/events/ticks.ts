import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A live stream with back-pressure: every `interval` ms it takes what has gathered and yields it, if anything has.
 * A slow receiver delays the next take, so that what gathers meanwhile is coalesced instead of queued.
 * Ends when `signal` aborts.
 */
export async function* ticks<T>(
  interval: number,
  take: () => T | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  while (!signal?.aborted) {
    const gathered = take()
    if (gathered !== null) yield gathered
    try {
      await sleep(interval, undefined, { ...(signal && { signal }), ref: false })
    } catch {
      return
    }
  }
}
