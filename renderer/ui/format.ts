import { useTranslation } from 'react-i18next'
import type { ReadingValue } from '#contract/model/reading.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Mean Gregorian month and year, for spans so long that their exact days do not matter. */
const MONTH = 30.436875 * DAY
const YEAR = 12 * MONTH

/** U+2212: as wide as a digit, unlike the hyphen. */
const MINUS = '−'
/** What stands where there is nothing. */
export const NOTHING = '–'

export interface Format {
  /** `1,946`, `8.42`: as many digits as a person reads of a measured value. */
  number(value: number): string
  /** Fixed digits behind the point. */
  fixed(value: number, digits: number): string
  /** A reading's value; booleans by the words given. */
  value(value: ReadingValue, words: { on: string; off: string }): string
  integer(value: number): string
  percent(share: number): string
  /** `97 GB`: decimal units, as disks are sold. */
  bytes(bytes: number): string
  /** The longest unit that fits: `4 s`, `41 min`, `3 h`, `26 d`, `7 mo`, `8 y`. */
  age(ms: number): string
  /** Two units where they help: `3 h 42 min`, `8 y 6 mo`. */
  span(ms: number): string
  /** `14 Mar 2036`. */
  date(at: number | Date): string
  /** `14/03/2036`: all digits, where columns are narrow. */
  numericDate(at: number | Date): string
  /** `14 Mar`: for what is near. */
  shortDate(at: number | Date): string
  /** `14:26`. */
  time(at: number | Date): string
  /** `14:26:07`. */
  clock(at: number | Date): string
  /** `14 Mar 2036, 14:26:07`: for hover and details. */
  dateTime(at: number | Date): string
  /** The same in UTC, as ISO 8601. */
  utc(at: number | Date): string
  /** `UTC−3`. */
  zone(at: number | Date): string
}

/** Formatters of one language. Intl objects are dear: make them once. */
export function createFormat(locale: string, timeZone?: string): Format {
  const zone = timeZone === undefined ? {} : { timeZone }
  const cache = new Map<string, Intl.NumberFormat>()
  const numbers = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const key = JSON.stringify(options)
    let format = cache.get(key)
    if (format === undefined) {
      format = new Intl.NumberFormat(locale, options)
      cache.set(key, format)
    }
    return format
  }
  const dates = new Intl.DateTimeFormat(locale, { ...zone, day: 'numeric', month: 'short', year: 'numeric' })
  const numericDates = new Intl.DateTimeFormat(locale, {
    ...zone,
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
  })
  const shortDates = new Intl.DateTimeFormat(locale, { ...zone, day: 'numeric', month: 'short' })
  const times = new Intl.DateTimeFormat(locale, {
    ...zone,
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  })
  const clocks = new Intl.DateTimeFormat(locale, {
    ...zone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  })
  const zones = new Intl.DateTimeFormat('en', { ...zone, timeZoneName: 'shortOffset' })
  const minus = (text: string) => text.replace(/^-/, MINUS)
  const unit = (value: number, name: string) =>
    numbers({ style: 'unit', unit: name, unitDisplay: 'short' }).format(value)

  const fixed = (value: number, digits: number) =>
    minus(numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value))
  const number = (value: number) => {
    if (!Number.isFinite(value)) return NOTHING
    const size = Math.abs(value)
    if (size !== 0 && (size >= 1e9 || size < 1e-3)) {
      return minus(numbers({ notation: 'scientific', maximumFractionDigits: 3 }).format(value))
    }
    return minus(
      numbers({ maximumFractionDigits: size >= 10_000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4 }).format(
        value,
      ),
    )
  }

  return {
    number,
    fixed,
    value: (value, words) =>
      typeof value === 'number'
        ? number(value)
        : typeof value === 'boolean'
          ? value
            ? words.on
            : words.off
          : value,
    integer: (value) => minus(numbers({ maximumFractionDigits: 0 }).format(value)),
    percent: (share) =>
      numbers({ style: 'percent', maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 }).format(share),
    bytes(bytes) {
      const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
      const rank = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), names.length - 1)
      const amount = bytes / 1000 ** rank
      return numbers({
        style: 'unit',
        unit: names[rank] ?? 'byte',
        unitDisplay: 'short',
        maximumFractionDigits: amount < 10 && rank > 0 ? 1 : 0,
      }).format(amount)
    },
    age: (ms) => parts(ms)[0],
    span: (ms) => parts(ms).join(' '),
    date: (at) => dates.format(at),
    numericDate: (at) => numericDates.format(at),
    shortDate: (at) => shortDates.format(at),
    time: (at) => times.format(at),
    clock: (at) => clocks.format(at),
    dateTime: (at) => `${dates.format(at)}, ${clocks.format(at)}`,
    utc: (at) =>
      `${new Date(at)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.000Z$|Z$/, '')} UTC`,
    zone(at) {
      const name = zones.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'UTC'
      return name.replace('GMT', 'UTC').replace('-', MINUS)
    },
  }

  function parts(ms: number): [string, ...string[]] {
    const size = Math.max(0, ms)
    if (size < MINUTE) return [short(Math.floor(size / 1000), 's')]
    if (size < HOUR) return [short(Math.floor(size / MINUTE), 'min')]
    if (size < DAY) return two(size, HOUR, 'h', MINUTE, 'min')
    if (size < 2 * MONTH) return two(size, DAY, 'd', HOUR, 'h')
    if (size < YEAR) return [short(Math.floor(size / MONTH), 'mo')]
    return two(size, YEAR, 'y', MONTH, 'mo')
  }

  function two(
    size: number,
    big: number,
    bigName: Unit,
    small: number,
    smallName: Unit,
  ): [string, ...string[]] {
    const first = Math.floor(size / big)
    const rest = Math.floor((size % big) / small)
    return rest === 0 ? [short(first, bigName)] : [short(first, bigName), short(rest, smallName)]
  }

  function short(amount: number, name: Unit): string {
    // The symbols of SI and of the units used beside it are the same in every language; months and years are not.
    if (name === 'mo') return unit(amount, 'month')
    if (name === 'y') return unit(amount, 'year')
    return `${numbers({ maximumFractionDigits: 0 }).format(amount)} ${name}`
  }
}

type Unit = 's' | 'min' | 'h' | 'd' | 'mo' | 'y'

/** The person's own region of a language where the browser tells one; otherwise day before month, as in the plant. */
export function regionalLocale(language: string, preferred: readonly string[] = navigator.languages): string {
  const own = preferred.find((tag) => tag.includes('-') && tag.split('-')[0] === language.split('-')[0])
  return language.includes('-') ? language : (own ?? (language === 'en' ? 'en-GB' : language))
}

const made = new Map<string, Format>()

/** Formatters in the person's language: one set for all, for a table's cells come and go by the hundred. */
export function useFormat(): Format {
  const { i18n } = useTranslation()
  let format = made.get(i18n.language)
  if (format === undefined) {
    format = createFormat(regionalLocale(i18n.language))
    made.set(i18n.language, format)
  }
  return format
}
