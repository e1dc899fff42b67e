import { expect, test } from 'vitest'
import { fromLocal, zoneOffset } from './zone-offset.ts'

const instant = (zone: string, local: string) =>
  new Date(fromLocal(Date.parse(`${local}Z`), zoneOffset(zone))).toISOString()

test.each([
  ['America/Sao_Paulo', '2026-11-21T12:00:00', '2026-11-21T15:00:00.000Z'],
  ['Asia/Kolkata', '2026-11-21T12:00:00', '2026-11-21T06:30:00.000Z'],
  ['UTC', '2026-11-21T12:00:00', '2026-11-21T12:00:00.000Z'],
  ['Europe/Berlin', '2026-07-01T12:00:00', '2026-07-01T10:00:00.000Z'],
  ['Europe/Berlin', '2026-01-01T12:00:00', '2026-01-01T11:00:00.000Z'],
  // The clock goes from 02:00 to 03:00: an hour that there is not is taken by the offset before.
  ['Europe/Berlin', '2026-03-29T01:59:59', '2026-03-29T00:59:59.000Z'],
  ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00.000Z'],
  ['Europe/Berlin', '2026-03-29T03:00:00', '2026-03-29T01:00:00.000Z'],
  // From 03:00 to 02:00: of the hour that comes twice the first.
  ['Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00.000Z'],
  ['Europe/Berlin', '2026-10-25T03:00:00', '2026-10-25T02:00:00.000Z'],
  ['America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30:00.000Z'],
  ['Australia/Lord_Howe', '2026-01-01T12:00:00', '2026-01-01T01:00:00.000Z'],
])('%s %s is %s', (zone, local, utc) => expect(instant(zone, local)).toBe(utc))

test('what is no zone is refused', () => {
  expect(() => zoneOffset('Mars/Olympus')).toThrow(expect.objectContaining({ code: 'time_zone_unknown' }))
})
