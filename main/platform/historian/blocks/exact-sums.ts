import { powerOf, scaleOf, WHOLE_MAX } from './decimal-scale.ts'

/**
 * Sum and area of readings, and of slots of readings. Where all numbers are decimals, both are exact sums, rounded once: the
 * same however the readings are cut into blocks, and short to store. Else they are Neumaier's sums.
 */
export class ExactSums {
  sum = 0
  area = 0

  /** Of the readings [start, end): the values, and each but the last times the ms until the next. */
  ofReadings(ts: Float64Array, values: Float64Array, start: number, end: number): void {
    if (!this.#wholeReadings(ts, values, start, end)) this.#readings(ts, values, start, end)
  }

  #wholeReadings(ts: Float64Array, values: Float64Array, start: number, end: number): boolean {
    let scale = 0
    for (let i = start; i < end; i++) {
      scale = scaleOf(values[i] as number, scale)
      if (scale < 0) return false
    }
    const power = powerOf(scale)
    let largest = 0
    let sum = 0
    let area = 0
    let before = 0
    let at = ts[start] as number
    const from = at
    for (let i = start; i < end; i++) {
      const whole = Math.round((values[i] as number) * power)
      const now = ts[i] as number
      area += before * (now - at)
      at = now
      sum += whole
      before = whole
      if (whole > largest) largest = whole
      else if (-whole > largest) largest = -whole
    }
    // Neither sum can have passed this on its way: so all of its steps were exact.
    if (largest * (at - from + 1) > WHOLE_MAX) return false
    this.sum = sum / power + 0
    this.area = area / power + 0
    return true
  }

  #readings(ts: Float64Array, values: Float64Array, start: number, end: number): void {
    const sum = new NeumaierSum()
    const area = new NeumaierSum()
    for (let i = start; i < end; i++) {
      const value = values[i] as number
      sum.add(value)
      if (i + 1 < end) area.add(value * ((ts[i + 1] as number) - (ts[i] as number)))
    }
    this.sum = sum.total()
    this.area = area.total()
  }
}

/** A sum that adds at its end what each addition rounded off (A. Neumaier, 1974). */
export class NeumaierSum {
  #sum = 0
  #lost = 0

  add(value: number): void {
    const next = this.#sum + value
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum
    this.#sum = next
  }

  /** Infinite where the sum is past the largest double. */
  total(): number {
    const total = this.#sum + this.#lost
    return (Number.isFinite(total) ? total : this.#sum) + 0
  }
}
