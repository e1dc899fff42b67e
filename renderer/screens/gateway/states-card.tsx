import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { timelineOf, timelineStates } from './state-timeline.ts'
import css from './states-card.module.css'
import { DAY, STATES_SPAN, useRefusals, useWeekOfStates } from './use-gateway.ts'

/** Online, offline, refused over the last seven days, as a strip with its totals. */
export function StatesCard({ gateway }: { gateway: Gateway }) {
  const { t, i18n } = useTranslation('gateway')
  const format = useFormat()
  const history = useWeekOfStates(gateway.id).data
  const refusals = useRefusals(gateway.id).data
  // A pixel of the strip is half an hour: a minute's step is fine enough.
  const to = Math.ceil(useNow() / 60_000) * 60_000
  const from = to - STATES_SPAN
  const timeline = useMemo(
    () =>
      timelineOf(
        history?.events ?? [],
        refusals?.refusals ?? [],
        { state: gateway.state, online: gateway.online, createdAt: gateway.createdAt.getTime() },
        from,
        to,
      ),
    [history, refusals, gateway, from, to],
  )
  const weekday = useMemo(() => new Intl.DateTimeFormat(i18n.language, { weekday: 'short' }), [i18n.language])
  const share = (at: number) => `${((at - from) / STATES_SPAN) * 100}%`
  const shown = timelineStates.filter((state) => timeline.totals[state] >= 60_000)
  // Of a gateway that may not connect, the share of the time before misleads.
  const end =
    timeline.onlineShare === null || gateway.state === 'revoked' || gateway.state === 'suspended'
      ? t('states.span')
      : t('states.spanOnline', { share: format.percent(Math.floor(timeline.onlineShare * 1_000) / 1_000) })
  return (
    <Card title={t('states.title')} end={end}>
      <div className={css.body}>
        <div className={css.strip} aria-hidden="true">
          {timeline.spans.map((span) => (
            <i
              key={`${span.from}`}
              data-state={span.state}
              style={{
                left: `min(${share(span.from)}, 100% - 2px)`,
                width: `max(${span.to === to || span.state !== 'online' ? '2px' : '0px'}, ${((span.to - span.from) / STATES_SPAN) * 100}%)`,
              }}
              title={`${t(`states.name.${span.state}`)}: ${format.dateTime(span.from)} – ${format.dateTime(span.to)}`}
            />
          ))}
        </div>
        <div className={css.days} aria-hidden="true">
          {midnights(from, to).map((at) => (
            <span key={at} style={{ left: share(at) }}>
              {weekday.format(at)}
            </span>
          ))}
        </div>
        <ul className={css.legend}>
          {shown.map((state) => (
            <li key={state}>
              {state === 'revoked' || state === 'suspended' ? (
                <StateMark mark={state} size={14} />
              ) : (
                <i data-state={state} aria-hidden="true" />
              )}
              {t(`states.name.${state}`)} {state === 'online' ? '' : format.span(timeline.totals[state])}
            </li>
          ))}
        </ul>
      </div>
    </Card>
  )
}

/** Local midnights; days of a clock change are longer or shorter than 24 h. */
function midnights(from: number, to: number): number[] {
  const found: number[] = []
  const day = new Date(from)
  day.setHours(24, 0, 0, 0)
  while (day.getTime() < to - DAY / 2) {
    found.push(day.getTime())
    day.setDate(day.getDate() + 1)
  }
  return found
}
