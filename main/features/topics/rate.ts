import { TOPIC_RATE_FADE } from '#contract/api/topics.ts'

/** Messages a second as an exponentially weighted mean, brought up to date only when it is asked for. */
export interface Rate {
  perSecond: number
  /** ms, of a clock that never goes back */
  at: number
}

/** What messages of the last quarter of a second, the broker's batch, add: they came evenly over it. */
const SPREAD = 250
const GAIN = ((1 - Math.exp(-SPREAD / TOPIC_RATE_FADE)) * 1_000) / SPREAD

export function addTo(rate: Rate, messages: number, now: number): void {
  rate.perSecond = faded(rate, now) + messages * GAIN
  rate.at = now
}

export function faded({ perSecond, at }: Rate, now: number): number {
  return perSecond * Math.exp((at - now) / TOPIC_RATE_FADE)
}

/** In the first seconds the mean is over as long as there was something to see. @param age ms */
export function corrected(perSecond: number, age: number): number {
  return perSecond / (1 - Math.exp(-Math.max(age, SPREAD) / TOPIC_RATE_FADE))
}
