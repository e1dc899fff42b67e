import { useTranslation } from 'react-i18next'
import type { Pulse } from '#contract/api/site.ts'
import { useFormat } from '../ui/format.ts'
import { useNow } from '../ui/now.ts'
import css from './shell.module.css'
import { SyncBacklog } from './sync-backlog.tsx'

/** An end further away than two years is not worth a place in every screen. */
const SHOWN_DAYS = 730

export function StatusBar({ pulse }: { pulse: Pulse | undefined }) {
  const { t } = useTranslation('common')
  const format = useFormat()
  return (
    <footer className={css.status}>
      {pulse !== undefined && (
        <>
          <span className="live-value">
            {t('status-bar.online', {
              online: format.integer(pulse.online),
              count: pulse.gateways,
              all: format.integer(pulse.gateways),
            })}
          </span>
          <span className="live-value">
            {t('status-bar.rate', { rate: rate(pulse.readingsPerSecond, format.fixed) })}
          </span>
          <DiskHorizon pulse={pulse} />
          <SyncBacklog cloud={pulse.cloud} />
        </>
      )}
      <SiteTime />
    </footer>
  )
}

/** Days where the disk or the budget ends; what is free where retention holds the store. */
function DiskHorizon({ pulse }: { pulse: Pulse }) {
  const { t } = useTranslation('common')
  const format = useFormat()
  const { daysLeft, limit, isShort } = pulse.diskHorizon
  const values = { count: daysLeft ?? 0, shown: format.integer(daysLeft ?? 0) }
  const text =
    daysLeft === null || daysLeft > SHOWN_DAYS
      ? t('status-bar.disk', { free: format.bytes(pulse.diskFreeBytes) })
      : t(limit === 'disk' ? 'status-bar.diskLasts' : 'status-bar.budgetLasts', values)
  return <span className={isShort ? 'live-value t-orange' : 'live-value'}>{text}</span>
}

function rate(perSecond: number, fixed: (value: number, digits: number) => string): string {
  return fixed(perSecond, perSecond > 0 && perSecond < 10 ? 1 : 0)
}

function SiteTime() {
  const { t } = useTranslation('common')
  const format = useFormat()
  const now = useNow()
  return (
    <span title={format.utc(now - (now % 1000))}>
      {t('status-bar.time', { time: format.clock(now), zone: format.zone(now) })}
    </span>
  )
}
