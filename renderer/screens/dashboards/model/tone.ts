import {
  type StateOption,
  type Threshold,
  type ThresholdMeaning,
  thresholdMeanings,
} from '#contract/model/dashboard.ts'

export interface Limits {
  lowLimit: number | null
  highLimit: number | null
}

/** The thresholds of a value: the tile's own, or else the channel's limits as warnings. */
export function thresholdsOf(own: readonly Threshold[] | undefined, limits: Limits): readonly Threshold[] {
  if (own !== undefined && own.length > 0) return own
  const found: Threshold[] = []
  if (limits.lowLimit !== null) found.push({ side: 'below', value: limits.lowLimit, meaning: 'warning' })
  if (limits.highLimit !== null) found.push({ side: 'above', value: limits.highLimit, meaning: 'warning' })
  return found
}

/** The gravest threshold that a value is beyond; null where it is normal. A value on a threshold is normal. */
export function crossedThreshold(value: number, thresholds: readonly Threshold[]): Threshold | null {
  let gravest: Threshold | null = null
  for (const threshold of thresholds) {
    const beyond = threshold.side === 'above' ? value > threshold.value : value < threshold.value
    if (beyond && (gravest === null || rank(threshold.meaning) < rank(gravest.meaning))) gravest = threshold
  }
  return gravest
}

function rank(meaning: ThresholdMeaning): number {
  return thresholdMeanings.indexOf(meaning)
}

/** What is said of a state on this tile. */
export function stateOption(
  states: readonly StateOption[] | undefined,
  state: string | null,
): StateOption | undefined {
  return state === null ? undefined : states?.find((one) => one.state === state)
}
