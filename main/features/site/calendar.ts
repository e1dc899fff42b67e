import type { Calendar } from '#contract/api/site.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { PlantCalendar } from '#platform/calendar/calendar-spans.ts'
import { isTimeZone, TimeZone } from '#platform/calendar/time-zone.ts'

const weekDays: Record<Calendar['weekStart'], number> = { sunday: 0, monday: 1, saturday: 6 }

/** What a site begins with: the zone of its machine, three shifts of eight hours. */
export function defaultCalendar(): Calendar {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  return {
    timeZone: isTimeZone(timeZone) ? timeZone : 'UTC',
    shiftStarts: ['06:00', '14:00', '22:00'],
    weekStart: 'monday',
  }
}

/** The calendar as it is kept: shifts in the order of the day. @throws ExpectedError `calendar_invalid` */
export function checkCalendar(calendar: Calendar): Calendar {
  const { timeZone, weekStart } = calendar
  if (!isTimeZone(timeZone))
    throw new ExpectedError('calendar_invalid', { cause: `there is no time zone ${timeZone}` })
  const shiftStarts = calendar.shiftStarts.toSorted()
  const twice = shiftStarts.find((start, index) => start === shiftStarts[index - 1])
  if (twice !== undefined)
    throw new ExpectedError('calendar_invalid', { cause: `two shifts begin at ${twice}` })
  return { timeZone, shiftStarts, weekStart }
}

/** The calendar as spans are cut by it. */
export function plantCalendar({ timeZone, shiftStarts, weekStart }: Calendar): PlantCalendar {
  return {
    timeZone: new TimeZone(timeZone),
    shiftStarts: shiftStarts.map(minutesOf),
    weekStart: weekDays[weekStart],
  }
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
