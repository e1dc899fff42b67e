/** First wait of a retry, in ms; each next one doubles up to `LONGEST_WAIT`. */
const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000

/**
 * How long to wait before try number `attempt` (0 is the first retry), in ms. Spread by up to a quarter, so that
 * a control room full of browsers does not return in one instant.
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const wait = Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT)
  return Math.round(wait * (1 - random() / 4))
}

/** Waits; ends early, without an error, when the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
