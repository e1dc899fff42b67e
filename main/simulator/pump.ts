/** A pump that fills a tank: on for a share of each cycle. What it has moved follows exactly from the time. */
export interface Pump {
  /** ms. */
  cycle: number
  /** Share of the cycle that it runs. */
  duty: number
  /** ms: shifts the cycle, so that pumps do not run in step. */
  offset: number
}

export function pumpRuns(pump: Pump, time: number): boolean {
  return phase(pump, time) < pump.duty
}

/** Hours that it ran from `since` to `time` (ms). */
export function pumpedHours(pump: Pump, since: number, time: number): number {
  const run = (at: number): number => {
    const cycles = Math.floor((at + pump.offset) / pump.cycle)
    return (cycles * pump.duty + Math.min(phase(pump, at), pump.duty)) * pump.cycle
  }
  return (run(time) - run(since)) / 3_600_000
}

/** How full the tank is, 0 to 1: it rises while the pump runs and falls while it rests. */
export function tankLevel(pump: Pump, time: number): number {
  const at = phase(pump, time)
  return at < pump.duty ? at / pump.duty : 1 - (at - pump.duty) / (1 - pump.duty)
}

function phase({ cycle, offset }: Pump, time: number): number {
  return ((((time + offset) % cycle) + cycle) % cycle) / cycle
}
