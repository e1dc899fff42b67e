import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { refusalReasons } from '#contract/model/refusal.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { type EventItem, eventMark } from './attention.ts'
import css from './overview.module.css'

const DAY = 86_400_000

/** What happened last, newest first. */
export function EventList({ events }: { events: readonly EventItem[] }) {
  const { t } = useTranslation('overview')
  return (
    <Card title={t('events.title')} className={css.panel ?? ''}>
      {events.length === 0 ? (
        <p className={css.nothing}>{t('events.none')}</p>
      ) : (
        <ul className={css.events}>
          {events.map((event) => (
            <Row key={`${event.at}-${event.kind}-${event.gatewayId ?? ''}`} event={event} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function Row({ event }: { event: EventItem }) {
  const { t } = useTranslation(['overview', 'refusals'])
  const format = useFormat()
  const now = useNow()
  const mark = eventMark(event.kind)
  const isReason = (refusalReasons as readonly string[]).includes(event.text ?? '')
  const note = isReason ? t(`refusals:reason.${event.text}`) : (event.text ?? '')
  const text = t(`overview:events.kind.${event.kind}`, {
    code: event.code ?? t('overview:events.unknown'),
    who: note,
    count: event.count,
    shown: format.integer(event.count),
  })
  return (
    <li>
      <time
        dateTime={new Date(event.at).toISOString()}
        title={`${format.dateTime(event.at)} · ${format.utc(event.at)}`}
      >
        {now - event.at < DAY ? format.time(event.at) : format.shortDate(event.at)}
      </time>
      <span>{mark !== null && <StateMark mark={mark} />}</span>
      <span className="ellipsis" title={note}>
        {event.gatewayId === null ? (
          text
        ) : (
          <Link to="/gateways/$gatewayId" params={{ gatewayId: event.gatewayId }} className={css.plain}>
            {text}
          </Link>
        )}
        {note !== '' && event.kind !== 'signed_in' && <span className="sub"> · {note}</span>}
      </span>
    </li>
  )
}
