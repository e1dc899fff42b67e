import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './fleet.module.css'
import { type FleetView, fleetViews } from './fleet-filter.ts'

/** Saved filters with their counts. */
export function Tiles(props: {
  view: FleetView
  counts: Record<FleetView, number>
  onView(view: FleetView): void
}) {
  const { t } = useTranslation('fleet')
  const format = useFormat()
  return (
    <div className={css.tiles} role="group" aria-label={t('views')}>
      {fleetViews.map((view) => (
        <button
          key={view}
          type="button"
          className={css.tile}
          aria-pressed={props.view === view}
          onClick={() => props.onView(props.view === view ? 'all' : view)}
        >
          {view !== 'all' && <StateMark mark={view} />}
          <span className="ellipsis">{t(`view.${view}`)}</span>
          <b>{format.integer(props.counts[view])}</b>
        </button>
      ))}
    </div>
  )
}
