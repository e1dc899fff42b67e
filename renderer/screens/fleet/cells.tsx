import { useTranslation } from 'react-i18next'
import { Link } from '@tanstack/react-router'
import { type FleetRow, fleetStatus } from '#contract/model/gateway.ts'
import type { ReadingValue } from '#contract/model/reading.ts'
import { useFormat, NOTHING } from '../../ui/format.ts'
import { useNow } from '../../ui/now.ts'
import { State, StateMark, stateTone } from '../../ui/state-mark.tsx'
import css from './fleet.module.css'
import { certificateDue } from './fleet-filter.ts'

/** Cells read the shared clock themselves: only what is on the screen ticks. */

export function StateCell({ row }: { row: FleetRow }) {
  return <State status={fleetStatus(row, useNow())} />
}

export function CodeCell({ row }: { row: FleetRow }) {
  return (
    <Link
      to="/gateways/$gatewayId"
      params={{ gatewayId: row.id }}
      className={css.code}
      tabIndex={-1}
      onClick={(event) => event.stopPropagation()}
    >
      {row.code}
    </Link>
  )
}

/** The name of the last reading's channel; of a refused gateway the reason, with the way to the fix. */
export function ReadingCell({ row }: { row: FleetRow }) {
  const { t } = useTranslation(['fleet', 'refusals'])
  const status = fleetStatus(row, useNow())
  if (status === 'refused' && row.refusal !== null) {
    return (
      <span className="t-orange" data-spill>
        {t(`refusals:reason.${row.refusal.reason}`)} ·{' '}
        <Link
          to="/gateways/$gatewayId"
          params={{ gatewayId: row.id }}
          search={{ tab: 'refusals' }}
          tabIndex={-1}
          onClick={(event) => event.stopPropagation()}
        >
          {t('fleet:why')}
        </Link>
      </span>
    )
  }
  if (row.latest === null) return <span className="sub">{t('fleet:noReading')}</span>
  return <span className={status === 'online' ? 'sec' : 'sub'}>{row.latest.name}</span>
}

/** Value and unit; dimmed when it is old. */
export function ValueCell({ row }: { row: FleetRow }) {
  const status = fleetStatus(row, useNow())
  if (row.latest === null || status === 'refused') return null
  return (
    <span className={status === 'online' ? css.value : `${css.value} stale-value`}>
      <span className="live-value">
        <Value value={row.latest.value} />
      </span>
      <span className={css.unit}>{row.latest.unit ?? ''}</span>
    </span>
  )
}

function Value({ value }: { value: ReadingValue }) {
  const { t } = useTranslation('common')
  return useFormat().value(value, { on: t('value.on'), off: t('value.off') })
}

/** How long ago something was heard; of an offline or refused gateway, since when. */
export function AgeCell({ row }: { row: FleetRow }) {
  const format = useFormat()
  const now = useNow()
  const at = ageOf(row, now)
  if (at === null) return <span className="sub">{NOTHING}</span>
  const tone = stateTone(fleetStatus(row, now))
  return (
    <time
      className={tone === '' ? 'sub' : tone}
      dateTime={new Date(at).toISOString()}
      title={`${format.dateTime(at)} · ${format.utc(at)}`}
    >
      {format.age(now - at)}
    </time>
  )
}

/** The time that a row's age counts from, in ms; null for a gateway that was never heard. */
export function ageOf(row: FleetRow, now: number): number | null {
  const status = fleetStatus(row, now)
  if (status === 'offline' || status === 'refused') return row.lastSeenAt ?? row.since
  return row.latest?.ts ?? row.lastSeenAt
}

export function RateCell({ row }: { row: FleetRow }) {
  const format = useFormat()
  if (!row.online) return <span className="sub">{NOTHING}</span>
  return <span className="sec live-value">{format.fixed(row.rate, 1)}</span>
}

export function CertificateCell({ row }: { row: FleetRow }) {
  const { t } = useTranslation('fleet')
  const format = useFormat()
  const now = useNow()
  if (row.certificateEnds === null) return <span className="sub">{NOTHING}</span>
  const ended = row.certificateEnds < now
  if (!ended && !certificateDue(row, now))
    return <span className="sec">{format.date(row.certificateEnds)}</span>
  return (
    <span
      className={`${css.due} ${ended ? 't-orange' : 't-yellow'}`}
      title={t(ended ? 'certificateEnded' : 'certificateDue')}
    >
      <StateMark mark={ended ? 'refused' : 'due'} size={14} />
      {format.date(row.certificateEnds)}
    </span>
  )
}
