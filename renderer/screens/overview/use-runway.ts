import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'

/** Mean Gregorian year, days. */
const YEAR = 365.2425

/** How long something lasts, in words: whole days, and beyond two years about how many of those. */
export function useRunway(): (days: number) => string {
  const { t } = useTranslation('overview')
  const format = useFormat()
  return (days) => {
    const whole = Math.max(0, Math.floor(days))
    const years = Math.round(whole / YEAR)
    return whole > 2 * YEAR
      ? t('runway.years', { count: years, shown: format.integer(years) })
      : t('runway.days', { count: whole, shown: format.integer(whole) })
  }
}
