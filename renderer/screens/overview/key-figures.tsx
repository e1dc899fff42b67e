import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Overview } from '#contract/api/overview.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import { exceptions } from './attention.ts'
import css from './overview.module.css'
import { SyncFigure } from './sync-figure.tsx'
import { trendPath } from './trend-path.ts'
import { useRunway } from './use-runway.ts'

/** Only figures that exist. Each: its name, the value with its unit, and what it means in a line. */
export function KeyFigures({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview')
  return (
    <section className={css.figures} aria-label={t('figures.label')}>
      <Online overview={overview} />
      <Ingest ingest={overview.ingest} />
      <Disk disk={overview.disk} />
      <Certificates certificates={overview.certificates} />
      <SyncFigure />
    </section>
  )
}

function Online({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview')
  const format = useFormat()
  // A stale gateway is connected: it counts as online and is named below.
  const online = overview.counts.online + overview.counts.stale
  const others = exceptions.filter((status) => overview.counts[status] > 0)
  const words =
    others.length === 0
      ? t('figures.allOnline')
      : others.map((status) => t(`count.${status}`, { count: overview.counts[status] })).join(' · ')
  const [first, second, ...rest] = others
  const more = rest.reduce((sum, status) => sum + overview.counts[status], 0)
  const worst = [first, second]
    .flatMap((status) =>
      status === undefined ? [] : [t(`count.${status}`, { count: overview.counts[status] })],
    )
    .concat(rest.length === 0 ? [] : [t('figures.moreStates', { shown: format.integer(more) })])
    .join(' · ')
  return (
    <div className={css.figure}>
      <div className={css.name}>{t('figures.online')}</div>
      <div className={`${css.value} live-value`}>
        {format.integer(online)} <small>{t('figures.of', { all: format.integer(overview.total) })}</small>
      </div>
      <div className={css.foot} title={words}>
        {rest.length === 0 ? (
          words
        ) : (
          <>
            <span aria-hidden="true">{worst}</span>
            <VisuallyHidden>{words}</VisuallyHidden>
          </>
        )}
      </div>
    </div>
  )
}

function Ingest({ ingest }: { ingest: Overview['ingest'] }) {
  const { t } = useTranslation('overview')
  const format = useFormat()
  const trend = trendPath(ingest.trend, 112, 32)
  const digits = ingest.perSecond > 0 && ingest.perSecond < 10 ? 1 : 0
  return (
    <div className={css.figure}>
      <div className={css.name}>{t('figures.ingest')}</div>
      <div className={`${css.value} live-value`}>
        {format.fixed(ingest.perSecond, digits)} <small>/s</small>
      </div>
      {trend !== null && (
        <svg className={css.spark} width="112" height="32" viewBox="0 0 112 32" aria-hidden="true">
          <polyline
            points={trend.points}
            fill="none"
            stroke="var(--mark)"
            strokeWidth="1.25"
            strokeLinejoin="round"
          />
          <circle cx={trend.end[0]} cy={trend.end[1]} r="2" fill="var(--mark)" />
        </svg>
      )}
      <div className={ingest.dropped > 0 ? `${css.foot} t-orange` : css.foot}>
        {ingest.dropped > 0
          ? t('figures.dropped', { count: ingest.dropped, shown: format.integer(ingest.dropped) })
          : t('figures.noDrops')}
      </div>
    </div>
  )
}

function Disk({ disk }: { disk: Overview['disk'] }) {
  const { t } = useTranslation('overview')
  const runway = useRunway()
  const format = useFormat()
  const used = disk.totalBytes === 0 ? 0 : (disk.totalBytes - disk.freeBytes) / disk.totalBytes
  return (
    <div className={css.figure}>
      <div className={css.name}>{t('figures.disk')}</div>
      <div className={`${css.value} live-value`}>
        {disk.horizon.daysLeft === null ? (
          <>
            {format.bytes(disk.freeBytes)} <small>{t('figures.free')}</small>
          </>
        ) : (
          <>
            <small>{t('figures.lasts')}</small> {runway(disk.horizon.daysLeft)}
            {disk.horizon.limit === 'budget' && <small> {t('figures.budgetLasts')}</small>}
          </>
        )}
      </div>
      <div className={css.bar}>
        <i style={{ width: `${(used * 100).toFixed(1)}%` }} />
      </div>
      <div className={disk.horizon.isShort ? `${css.foot} t-orange` : css.foot}>
        {disk.horizon.daysLeft === null && disk.horizon.steadyBytes !== null
          ? t('figures.steady', { size: format.bytes(disk.horizon.steadyBytes) })
          : t('figures.used', {
              used: format.bytes(disk.totalBytes - disk.freeBytes),
              all: format.bytes(disk.totalBytes),
            })}
      </div>
    </div>
  )
}

function Certificates({ certificates }: { certificates: Overview['certificates'] }) {
  const { t } = useTranslation('overview')
  const format = useFormat()
  const now = useNow()
  const { next } = certificates
  return (
    <div className={css.figure}>
      <div className={css.name}>{t('figures.due')}</div>
      <div className={`${css.value} live-value`}>
        {format.integer(certificates.due)}{' '}
        <small>{t('figures.of', { all: format.integer(certificates.total) })}</small>
      </div>
      <div className={css.foot}>
        {next === null
          ? t('figures.noneIssued')
          : next.notAfter < now
            ? t('figures.ended', { code: next.code })
            : t('figures.next', { code: next.code, span: format.age(next.notAfter - now) })}
      </div>
    </div>
  )
}
