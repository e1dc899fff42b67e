/** A column as `first + k * step + rest[k]`. */
export interface EvenColumn {
  first: number
  step: number
  /** As a Postgres array, such as `{0,1,-2}`; null: all zeros. */
  rest: string | null
}

/** What is left of rows [from, to) when an even course is taken away; `least`: its smallest entry is made 0. */
export function evenColumn(
  at: (row: number) => number,
  from: number,
  to: number,
  step: number,
  least: boolean,
): EvenColumn {
  const start = at(from)
  let lowest = 0
  let isEven = true
  for (let row = from + 1; row < to; row++) {
    const rest = at(row) - start - (row - from) * step
    if (rest < lowest) lowest = rest
    if (rest !== 0) isEven = false
  }
  if (isEven) return { first: start, step, rest: null }
  const first = least ? start + lowest : start
  let rest = `{${start - first}`
  for (let row = from + 1; row < to; row++) rest += `,${at(row) - first - (row - from) * step}`
  return { first, step, rest: `${rest}}` }
}

const SAMPLES = 15

/**
 * The usual difference of one row and the next, whole: the average where it is near the median (then nothing adds up),
 * else the median (then there is a hole somewhere).
 */
export function usualStep(at: (row: number) => number, from: number, to: number): number {
  const rows = to - from
  if (rows < 2) return 0
  const every = Math.max(1, Math.floor((rows - 1) / SAMPLES))
  const steps: number[] = []
  for (let row = from; row + 1 < to && steps.length < SAMPLES; row += every) steps.push(at(row + 1) - at(row))
  steps.sort((a, b) => a - b)
  const median = steps[steps.length >> 1] as number
  const average = (at(to - 1) - at(from)) / (rows - 1)
  return Math.round(Math.abs(average - median) <= Math.abs(median) / 20 ? average : median)
}
