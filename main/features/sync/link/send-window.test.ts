import { expect, test } from 'vitest'
import { TimeZone } from '#platform/calendar/time-zone.ts'
import { isInWindow } from './send-window.ts'

const zone = new TimeZone('America/Sao_Paulo')
const at = (local: string) => Date.parse(`${local}-03:00`)

test.each([
  [{ from: 22 * 60, to: 6 * 60 }, '2026-02-01T21:59:59', false],
  [{ from: 22 * 60, to: 6 * 60 }, '2026-02-01T22:00:00', true],
  [{ from: 22 * 60, to: 6 * 60 }, '2026-02-02T05:59:59', true],
  [{ from: 22 * 60, to: 6 * 60 }, '2026-02-02T06:00:00', false],
  [{ from: 60, to: 120 }, '2026-02-02T01:30:00', true],
  [{ from: 60, to: 120 }, '2026-02-02T02:00:00', false],
  [{ from: 60, to: 60 }, '2026-02-02T12:00:00', true],
  [null, '2026-02-02T12:00:00', true],
])('%j at %s: %s', (window, local, isOpen) => {
  expect(isInWindow(window, at(local), zone)).toBe(isOpen)
})

test('a clock that is set forward comes into the window with the skip', () => {
  const berlin = new TimeZone('Europe/Berlin')
  // 2026-03-29: 02:00 becomes 03:00.
  const window = { from: 150, to: 240 }
  expect(isInWindow(window, Date.parse('2026-03-29T01:00:00Z'), berlin)).toBe(true)
  expect(isInWindow(window, Date.parse('2026-03-29T00:59:59Z'), berlin)).toBe(false)
})
