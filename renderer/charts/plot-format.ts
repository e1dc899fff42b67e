/** Labels of the time axis for ticks `step` ms apart: dates where days pass, seconds where they matter. */
export function timeLabels(ticks: readonly number[], step: number, locale: string): string[] {
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
  const year = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric' })
  const clock = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(step < 60_000 ? { second: '2-digit' } : {}),
    ...(step < 1_000 ? { fractionalSecondDigits: 3 } : {}),
  })
  return ticks.map((tick) => {
    const date = new Date(tick)
    if (step >= 27 * 86_400_000) return year.format(date)
    if (step >= 86_400_000) return day.format(date)
    const midnight =
      date.getHours() === 0 &&
      date.getMinutes() === 0 &&
      date.getSeconds() === 0 &&
      date.getMilliseconds() === 0
    return midnight ? day.format(date) : clock.format(date)
  })
}

/** Labels of a value axis for ticks `step` apart: as many decimals as the step needs. */
export function valueLabels(ticks: readonly number[], step: number, locale: string): string[] {
  let decimals = 0
  // 0.25 needs two decimals although its magnitude needs one.
  while (
    decimals < 6 &&
    step > 0 &&
    Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6
  )
    decimals += 1
  const largest = Math.max(...ticks.map((tick) => Math.abs(tick)), 0)
  const format =
    largest >= 100_000_000
      ? new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 6 })
      : new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return ticks.map((tick) => format.format(tick === 0 ? 0 : tick))
}

/** The range of a value axis: the data with air around it, and its limits where they do not flatten it. */
export function valueRange(min: number, max: number, limits: readonly number[]): [number, number] {
  let low = min
  let high = max
  for (const limit of limits) {
    const span = Math.max(high, limit) - Math.min(low, limit)
    if (span > Math.max(max - min, Math.abs(max) * 0.05) * 3) continue
    low = Math.min(low, limit)
    high = Math.max(high, limit)
  }
  const span = high - low
  const air = span > 0 ? span * 0.1 : Math.max(Math.abs(high) * 0.05, 0.5)
  // Quantities that never go below zero do not get an axis that does.
  // A flat zero keeps its air above: a range of no size draws nothing.
  return [low >= 0 && low - air < 0 ? 0 : low - air, high <= 0 && low < 0 && high + air > 0 ? 0 : high + air]
}
