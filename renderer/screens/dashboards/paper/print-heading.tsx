import { useTranslation } from 'react-i18next'
import { useSite } from '#renderer/api/use-session.ts'
import { type TimeRange, windowOf } from '#renderer/charts/time-range.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import css from './paper.module.css'

/** Stands only on paper: what this is, of where, and of when. */
export function PrintHeading({ name, range }: { name: string; range: TimeRange }) {
  const { t } = useTranslation('dashboards')
  const format = useFormat()
  const now = useNow()
  const site = useSite()
  const { from, to } = windowOf(range, now)
  return (
    <header className={css.heading} data-paper-heading="">
      <p className={css.name}>{name}</p>
      <p>{site?.name}</p>
      <p className={css.when}>
        {t('paper.range', { from: format.dateTime(from), to: format.dateTime(to), zone: format.zone(now) })}
      </p>
    </header>
  )
}
