import { expect, test } from 'vitest'
import type { Calendar } from '#contract/api/site.ts'
import { checkCalendar, defaultCalendar, plantCalendar } from './calendar.ts'

const calendar = (changes: Partial<Calendar>): Calendar => ({ ...defaultCalendar(), ...changes })

test('a site begins with three shifts in a zone that exists', () => {
  expect(checkCalendar(defaultCalendar())).toEqual(defaultCalendar())
})

test('shifts are kept in the order of the day', () => {
  const { shiftStarts } = checkCalendar(calendar({ shiftStarts: ['22:00', '06:30', '14:00'] }))
  expect(shiftStarts).toEqual(['06:30', '14:00', '22:00'])
  expect(
    plantCalendar(calendar({ shiftStarts, timeZone: 'Asia/Kolkata', weekStart: 'sunday' })),
  ).toMatchObject({
    shiftStarts: [390, 840, 1320],
    weekStart: 0,
    timeZone: { name: 'Asia/Kolkata' },
  })
})

test.each([
  ['a zone that is none', { timeZone: 'Mars/Olympus' }, 'Mars/Olympus'],
  ['two shifts at once', { shiftStarts: ['06:00', '06:00'] }, '06:00'],
])('%s is refused and named', (_what, changes, named) => {
  expect(() => checkCalendar(calendar(changes))).toThrow(
    expect.objectContaining({ code: 'calendar_invalid', message: expect.stringContaining(named) }),
  )
})
