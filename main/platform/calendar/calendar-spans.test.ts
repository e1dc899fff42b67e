import { describe, expect, test } from 'vitest'
import { type CalendarInterval, spanEdges } from './calendar-spans.ts'
import { isTimeZone, TimeZone } from './time-zone.ts'

const calendar = (zone: string, shiftStarts = [360, 840, 1320], weekStart = 1) => ({
  timeZone: new TimeZone(zone),
  shiftStarts,
  weekStart,
})

function edges(zone: string, interval: CalendarInterval, from: string, to: string): string[] {
  const found = spanEdges(
    calendar(zone),
    interval,
    { from: Date.parse(from), to: Date.parse(to) },
    10_000,
  ) as number[]
  return found.map((edge) => new Date(edge).toISOString().replace(':00.000Z', 'Z'))
}

const day = { unit: 'day' } as const
const hours = (count: number) => ({ ms: count * 3_600_000 })
const lengths = (times: string[]) =>
  times.slice(1).map((time, index) => (Date.parse(time) - Date.parse(times[index] ?? '')) / 3_600_000)

describe('Europe/Berlin, where the clock goes from 02:00 to 03:00 and from 03:00 to 02:00', () => {
  const zone = 'Europe/Berlin'

  test('days have 23, 24 or 25 hours', () => {
    const spring = edges(zone, day, '2026-03-28T12:00Z', '2026-03-30T12:00Z')
    expect(spring).toEqual([
      '2026-03-27T23:00Z',
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
      '2026-03-30T22:00Z',
    ])
    expect(lengths(edges(zone, day, '2026-10-24T12:00Z', '2026-10-26T12:00Z'))).toEqual([24, 25, 24])
  })

  test('hours stay hours: 23 or 25 of them', () => {
    const long = edges(zone, hours(1), '2026-10-24T22:00Z', '2026-10-25T23:00Z')
    expect(long).toHaveLength(26)
    expect(new Set(lengths(long))).toEqual(new Set([1]))
    expect(edges(zone, hours(1), '2026-03-28T23:00Z', '2026-03-29T22:00Z')).toHaveLength(24)
  })

  test('spans of several hours keep to the wall clock', () => {
    expect(lengths(edges(zone, hours(6), '2026-03-28T23:00Z', '2026-03-29T22:00Z'))).toEqual([5, 6, 6, 6])
    expect(lengths(edges(zone, hours(6), '2026-10-24T22:00Z', '2026-10-25T23:00Z'))).toEqual([7, 6, 6, 6])
  })

  test('the night shift is the one that is shorter or longer', () => {
    const shift = { unit: 'shift' } as const
    const spring = edges(zone, shift, '2026-03-28T21:00Z', '2026-03-29T20:00Z')
    expect(spring).toEqual([
      '2026-03-28T21:00Z',
      '2026-03-29T04:00Z',
      '2026-03-29T12:00Z',
      '2026-03-29T20:00Z',
    ])
    expect(lengths(edges(zone, shift, '2026-10-24T20:00Z', '2026-10-25T21:00Z'))).toEqual([9, 8, 8])
  })

  test('weeks begin where the calendar says, months and years on the first', () => {
    expect(edges(zone, { unit: 'week' }, '2026-11-21T12:00Z', '2026-11-23T12:00Z')).toEqual([
      '2026-11-15T23:00Z',
      '2026-11-22T23:00Z',
      '2026-11-29T23:00Z',
    ])
    const sunday = spanEdges(
      calendar(zone, [], 0),
      { unit: 'week' },
      { from: Date.parse('2026-11-22T12:00Z'), to: Date.parse('2026-11-22T13:00Z') },
      10,
    )
    expect(sunday?.[0]).toBe(Date.parse('2026-11-21T23:00Z'))
    expect(edges(zone, { unit: 'month' }, '2026-03-31T21:59Z', '2026-03-31T22:01Z')).toEqual([
      '2026-02-28T23:00Z',
      '2026-03-31T22:00Z',
      '2026-04-30T22:00Z',
    ])
    expect(edges(zone, { unit: 'year' }, '1969-06-01T00:00Z', '1970-06-01T00:00Z')).toEqual([
      '1968-12-31T23:00Z',
      '1969-12-31T23:00Z',
      '1970-12-31T23:00Z',
    ])
  })

  test('a shift that begins in the skipped hour begins at the skip; in the repeated one, the first time', () => {
    const night = (from: string, to: string) =>
      spanEdges(
        calendar(zone, [150]),
        { unit: 'shift' },
        { from: Date.parse(from), to: Date.parse(to) },
        10,
      )?.map((edge) => new Date(edge).toISOString().slice(0, 16))
    expect(night('2026-03-28T12:00Z', '2026-03-29T01:00Z')).toEqual(['2026-03-28T01:30', '2026-03-29T01:00'])
    expect(night('2026-10-24T12:00Z', '2026-10-25T00:30Z')).toEqual(['2026-10-24T00:30', '2026-10-25T00:30'])
  })
})

describe('America/Sao_Paulo, where summer time began at midnight until 2019', () => {
  const zone = 'America/Sao_Paulo'

  test('a day that has no midnight begins at one', () => {
    const spring = edges(zone, day, '2018-11-03T12:00Z', '2018-11-05T12:00Z')
    expect(spring).toEqual([
      '2018-11-03T03:00Z',
      '2018-11-04T03:00Z',
      '2018-11-05T02:00Z',
      '2018-11-06T02:00Z',
    ])
    expect(lengths(spring)).toEqual([24, 23, 24])
  })

  test('a day whose last hour comes twice has 25', () => {
    expect(lengths(edges(zone, day, '2018-02-17T12:00Z', '2018-02-18T12:00Z'))).toEqual([25, 24])
  })

  test('since then every day has 24', () => {
    const year = edges(zone, day, '2026-01-01T03:00Z', '2027-01-01T03:00Z')
    expect(year).toHaveLength(366)
    expect(new Set(lengths(year))).toEqual(new Set([24]))
  })
})

test('Asia/Kolkata is half an hour off: its hours and days begin at :30 UTC', () => {
  expect(edges('Asia/Kolkata', hours(1), '2026-05-01T00:00Z', '2026-05-01T01:00Z')).toEqual([
    '2026-04-30T23:30Z',
    '2026-05-01T00:30Z',
    '2026-05-01T01:30Z',
  ])
  expect(edges('Asia/Kolkata', day, '2026-05-01T00:00Z', '2026-05-01T01:00Z')).toEqual([
    '2026-04-30T18:30Z',
    '2026-05-01T18:30Z',
  ])
})

test('a clock that changes by half an hour cuts one span short, and the next ones are whole again', () => {
  const summer = edges('Australia/Lord_Howe', hours(1), '2026-10-03T14:00Z', '2026-10-03T18:00Z')
  expect(summer).toEqual([
    '2026-10-03T13:30Z',
    '2026-10-03T14:30Z',
    '2026-10-03T15:30Z',
    '2026-10-03T16:00Z',
    '2026-10-03T17:00Z',
    '2026-10-03T18:00Z',
  ])
})

test('the day that Samoa left out falls together with the next', () => {
  expect(edges('Pacific/Apia', day, '2011-12-29T20:00Z', '2011-12-31T00:00Z')).toEqual([
    '2011-12-29T10:00Z',
    '2011-12-30T10:00Z',
    '2011-12-31T10:00Z',
  ])
})

test('edges rise, hold the range, and lie on local times, through years of many zones', () => {
  for (const zone of ['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC']) {
    for (const interval of [day, hours(4), { unit: 'shift' }, { unit: 'week' }] as const) {
      const from = Date.parse('2015-01-07T05:11Z')
      const to = Date.parse('2018-06-01T17:03Z')
      const found = spanEdges(calendar(zone), interval, { from, to }, 100_000) as number[]
      expect(found[0]).toBeLessThanOrEqual(from)
      expect(found[1]).toBeGreaterThan(from)
      expect(found.at(-1)).toBeGreaterThanOrEqual(to)
      expect(found.at(-2)).toBeLessThan(to)
      expect(found.every((edge, index) => index === 0 || edge > (found[index - 1] as number))).toBe(true)
    }
  }
})

test('more spans than asked for at the most are none', () => {
  const range = { from: 0, to: 3_600_000 }
  expect(spanEdges(calendar('UTC'), { ms: 1_000 }, range, 3_600)).toHaveLength(3_601)
  expect(spanEdges(calendar('UTC'), { ms: 1_000 }, range, 3_599)).toBeNull()
})

test('names of time zones are those that the system knows', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true)
  expect(isTimeZone('Mars/Olympus')).toBe(false)
  expect(isTimeZone('')).toBe(false)
})
