import { useTranslation } from 'react-i18next'
import type { Pulse } from '#contract/api/site.ts'
import { useFormat } from '../ui/format.ts'
import { useNow } from '../ui/now.ts'
import css from './shell.module.css'

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
          <span className="live-value">
            {t('status-bar.disk', { free: format.bytes(pulse.diskFreeBytes) })}
          </span>
        </>
      )}
      <SiteTime />
    </footer>
  )
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
