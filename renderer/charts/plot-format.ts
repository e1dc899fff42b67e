const dateFormats = new Map<string, Intl.DateTimeFormat>()
const numberFormats = new Map<string, Intl.NumberFormat>()

/** Formatters are dear to make, and axes ask for some on every frame. */
function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  const format = dateFormats.get(key) ?? new Intl.DateTimeFormat(locale, options)
  dateFormats.set(key, format)
  return format
}

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(locale, options)
  numberFormats.set(key, format)
  return format
}

/** Labels of the time axis for ticks `step` ms apart: dates where days pass, seconds where they matter. */
export function timeLabels(ticks: readonly number[], step: number, locale: string): string[] {
  const day = dateFormat(locale, { day: 'numeric', month: 'short' })
  const year = dateFormat(locale, { month: 'short', year: 'numeric' })
  const clock = dateFormat(locale, {
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
      ? numberFormat(locale, { notation: 'compact', maximumSignificantDigits: 6 })
      : numberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
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

/** The range of a value axis with the ends that a person fixed; [0, 1] where there is neither data nor such an end. */
export function fixedRange(
  range: [number, number] | null,
  { min, max }: { min: number | null; max: number | null },
): [number, number] {
  const [low, high] = range ?? [min ?? (max === null ? 0 : max - 1), max ?? (min === null ? 1 : min + 1)]
  const from = min ?? low
  const to = max ?? high
  if (from < to) return [from, to]
  // All readings lie beyond the one end that is fixed: the axis keeps that end and a size.
  const size = Math.max(Math.abs(from) * 0.05, 0.5)
  return min === null ? [to - size, to] : [from, from + size]
}
