import { expect, it } from 'vitest'
import { shiftsOf, timeOfDay, timeZones } from './calendar-input.ts'

it.each([
  ['6', '06:00'],
  ['06:00', '06:00'],
  ['6h30', '06:30'],
  ['0600', '06:00'],
  ['22.15', '22:15'],
  ['24:00', null],
  ['6:60', null],
  ['noon', null],
  ['', null],
])('%j is %j', (text, time) => {
  expect(timeOfDay(text)).toBe(time)
})

it('shifts stand in the order of the day, each once, and a wrong one is named', () => {
  expect(shiftsOf(['22:00', '6', '14h', '06:00'])).toEqual({
    shifts: ['06:00', '14:00', '22:00'],
    wrong: null,
  })
  expect(shiftsOf(['22:00', 'noon']).wrong).toBe('noon')
})

it('the zone that is set can be chosen, known here or not', () => {
  expect(timeZones('Europe/Berlin').filter((zone) => zone === 'Europe/Berlin')).toHaveLength(1)
  expect(timeZones('Asia/Beyond')).toContain('Asia/Beyond')
})
