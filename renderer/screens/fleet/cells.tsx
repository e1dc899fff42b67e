import { Link } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { type FleetRow, fleetStatus } from '#contract/model/gateway.ts'
import { type Format, NOTHING } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark, StateView, stateTone } from '#renderer/ui/state-mark.tsx'
import css from './fleet.module.css'
import { ageOf, certificateDue } from './fleet-filter.ts'

/**
 * What cells are worded with: handed down, for a hook in every cell would cost more than all they draw while the
 * table is scrolled. Each cell reads the shared clock by itself: only what is on the screen ticks.
 */
export interface CellWords {
  t: TFunction
  format: Format
}

interface CellProps {
  row: FleetRow
  words: CellWords
}

export function StateCell({ row, words }: CellProps) {
  const status = fleetStatus(row, useNow())
  return <StateView status={status} word={words.t(`common:status.${status}`)} />
}

export function CodeCell({ row }: { row: FleetRow }) {
  return (
    <Link
      to="/gateways/$gatewayId"
      params={{ gatewayId: row.id }}
      className={css.code}
      tabIndex={-1}
      preload={false}
      onClick={(event) => event.stopPropagation()}
    >
      {row.code}
    </Link>
  )
}

/** The name of the last reading's channel; of a refused gateway the reason, with the way to the fix. */
export function ReadingCell({ row, words: { t } }: CellProps) {
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
          preload={false}
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
export function ValueCell({ row, words: { t, format } }: CellProps) {
  const status = fleetStatus(row, useNow())
  if (row.latest === null || status === 'refused') return null
  const { value, unit } = row.latest
  return (
    <span className={status === 'online' ? css.value : `${css.value} stale-value`}>
      <span className="live-value">
        {typeof value === 'number'
          ? format.number(value)
          : format.value(value, { on: t('common:value.on'), off: t('common:value.off') })}
      </span>
      <span className={css.unit}>{unit ?? ''}</span>
    </span>
  )
}

/** How long ago something was heard; of an offline or refused gateway, since when. */
export function AgeCell({ row, words: { format } }: CellProps) {
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

export function RateCell({ row, words: { format } }: CellProps) {
  if (!row.online) return <span className="sub">{NOTHING}</span>
  return <span className="sec live-value">{format.fixed(row.rate, 1)}</span>
}

export function CertificateCell({ row, words: { t, format } }: CellProps) {
  const now = useNow()
  if (row.certificateEnds === null) return <span className="sub">{NOTHING}</span>
  const ended = row.certificateEnds < now
  if (!ended && !certificateDue(row, now))
    return <span className="sec">{format.date(row.certificateEnds)}</span>
  return (
    <span
      className={`${css.due} ${ended ? 't-orange' : 't-yellow'}`}
      title={t(ended ? 'fleet:certificateEnded' : 'fleet:certificateDue')}
    >
      <StateMark mark={ended ? 'refused' : 'due'} size={14} />
      {format.date(row.certificateEnds)}
    </span>
  )
}
