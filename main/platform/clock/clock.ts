/** Time is injected, so that tests and simulations can set it. */
export interface Clock {
  /** ms since 1970 UTC. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
