import { InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { isoTime, parseDuration, parseInstant } from './time-argument.ts'

const NOW = Date.UTC(2026, 4, 1, 12, 0, 0)

describe('parseInstant', () => {
  it.each([
    ['now', NOW],
    ['-24h', NOW - 86_400_000],
    ['-15m', NOW - 900_000],
    ['+1.5h', NOW + 5_400_000],
    ['-7d', NOW - 604_800_000],
    ['1771322400000', 1_771_322_400_000],
    ['2026-05-01', Date.UTC(2026, 4, 1)],
    ['2026-05-01T08:30', Date.UTC(2026, 4, 1, 8, 30)],
    ['2026-05-01 08:30:15.250Z', Date.UTC(2026, 4, 1, 8, 30, 15, 250)],
    ['2026-05-01T08:30:00-03:00', Date.UTC(2026, 4, 1, 11, 30)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
  ])('takes %s', (text, expected) => {
    expect(parseInstant(text, NOW)).toBe(expected)
  })

  it.each([
    '',
    'yesterday',
    '24h',
    '-24',
    '2026-13-01',
    '2026-02-31',
    '2026-05-01T25:00',
    '-1y',
    '12/05/2026',
  ])('refuses "%s"', (text) => {
    expect(() => parseInstant(text, NOW)).toThrow(InvalidArgumentError)
  })
})

describe('parseDuration', () => {
  it.each([
    ['60s', 60_000],
    ['5m', 300_000],
    ['0.5h', 1_800_000],
    ['250ms', 250],
  ])('takes %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  it.each(['', '60', '0s', '-5m', '5 minutes'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(InvalidArgumentError)
  })
})

it('prints times as ISO 8601 UTC', () => {
  expect(isoTime(NOW)).toBe('2026-05-01T12:00:00.000Z')
  expect(isoTime(null)).toBe('-')
})
