const DAY = 86_400_000
/** Days whose offset is remembered. */
const REMEMBERED = 4_000

/**
 * Wall clock of an IANA time zone. Local times are numbers here: ms since 1970-01-01 00:00 on that wall clock, so
 * that date arithmetic is UTC arithmetic on them.
 */
export class TimeZone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  /** Offset at the start of each UTC day. */
  readonly #days = new Map<number, number>()

  /** @throws RangeError where the name is none that this system knows */
  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** How far the wall clock is ahead of UTC at an instant, ms. */
  offset(instant: number): number {
    const day = Math.floor(instant / DAY)
    const begin = this.#dayOffset(day)
    // No zone changes twice within a day.
    return begin === this.#dayOffset(day + 1) ? begin : this.#read(instant)
  }

  #dayOffset(day: number): number {
    const known = this.#days.get(day)
    if (known !== undefined) return known
    if (this.#days.size >= REMEMBERED) this.#days.clear()
    const offset = this.#read(day * DAY)
    this.#days.set(day, offset)
    return offset
  }

  /** The local time of an instant. */
  local(instant: number): number {
    return instant + this.offset(instant)
  }

  /**
   * The first instant that has a local time. Where the clock skips that time, the instant of the skip: so a day that
   * begins at 01:00 begins then.
   */
  instant(local: number): number {
    // Far enough on either side to see both offsets of a change that is near, even the skip of a whole day.
    const before = this.offset(local - 1.5 * DAY)
    const after = this.offset(local + 1.5 * DAY)
    const candidates = before > after ? [local - before, local - after] : [local - after, local - before]
    const found = candidates.find((instant) => this.local(instant) === local)
    return found ?? this.#skip(local - after, local - before)
  }

  /** The instant at which the offset changes between two, the later one having the new offset. */
  #skip(low: number, high: number): number {
    const old = this.offset(low - 1)
    let [last, first] = [low - 1, high]
    while (first - last > 1) {
      const middle = Math.floor((last + first) / 2)
      if (this.offset(middle) === old) last = middle
      else first = middle
    }
    return first
  }

  #read(instant: number): number {
    const second = Math.floor(instant / 1_000) * 1_000
    const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
    for (const { type, value } of this.#format.formatToParts(second)) part[type] = value
    const number = (type: Intl.DateTimeFormatPartTypes) => Number(part[type])
    const year = part.era === 'BC' ? 1 - number('year') : number('year')
    const local = Date.UTC(
      year,
      number('month') - 1,
      number('day'),
      number('hour'),
      number('minute'),
      number('second'),
    )
    return local - second
  }
}

/** Whether this system knows a time zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
