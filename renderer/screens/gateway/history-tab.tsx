import { useTranslation } from 'react-i18next'
import type { GatewayEvent } from '#contract/api/gateways.ts'
import type { Gateway } from '#contract/model/gateway.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, Empty } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import css from './history-tab.module.css'
import { useHistory } from './use-gateway.ts'

const marks: Record<string, Mark> = {
  online: 'online',
  offline: 'offline',
  suspended: 'suspended',
  revoked: 'revoked',
  claimed: 'waiting',
  unclaimed: 'waiting',
  active: 'passed',
}

/** What the site gives as reasons; anything else was typed by a person, or is an address. */
const knownReasons = new Set([
  'disconnected',
  'connection_lost',
  'keepalive_missed',
  'taken_over',
  'tenant_suspended',
  'password_gateways_off',
  'quota_exceeded',
  'suspended',
  'revoked',
  'refused',
  'site_stopped',
  'disconnected_by_operator',
  'listener_closed',
  'first session',
  'provisioned',
  'imported',
  'flashed',
])

/** What the site writes for whoever works at its own machine. */
const LOCAL_ACTOR = 'local site_admin'

/** Every change of state and connection, newest first. */
export function HistoryTab({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const query = useHistory(gateway.id)
  if (query.error !== null) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
  const events = query.data?.events
  if (events === undefined) return null
  if (events.length === 0) return <Empty title={t('history.emptyTitle')} text={t('history.emptyText')} />
  return (
    <Card title={t('history.title')} end={t('history.count', { count: events.length })}>
      <div className={css.scroll}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('history.at')}</th>
              <th scope="col">{t('history.what')}</th>
              <th scope="col">{t('history.reason')}</th>
              <th scope="col">{t('history.actor')}</th>
            </tr>
          </thead>
          <tbody>
            {events.map((event, index) => (
              <tr key={`${event.at.getTime()}-${event.kind}-${event.value}-${index}`}>
                <td title={format.utc(event.at)}>{format.dateTime(event.at)}</td>
                <td>
                  <span className={css.state}>
                    <StateMark mark={marks[event.value] ?? 'passed'} size={14} />
                    {t(`history.value.${event.value}`)}
                  </span>
                </td>
                <td className="sec">
                  <Reason event={event} />
                </td>
                <td className="sec">
                  {event.actor === LOCAL_ACTOR ? t('history.local') : (event.actor ?? '')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

function Reason({ event }: { event: GatewayEvent }) {
  const { t } = useTranslation('gateway')
  const { reason } = event
  if (reason === null || reason === '') return null
  if (knownReasons.has(reason)) return t(`history.known.${reason.replace(' ', '_')}`)
  if (event.kind === 'presence' && event.value === 'online') return t('history.from', { address: reason })
  return reason
}
