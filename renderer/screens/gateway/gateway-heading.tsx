import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { type FleetRow, fleetStatus, type Gateway } from '#contract/model/gateway.ts'
import { groupPath } from '#renderer/api/use-groups.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Pill, type Tone } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './gateway.module.css'

export function GatewayHeading({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  return (
    <div className={css.title}>
      <Link to="/fleet" className="sub">
        {t('fleet')}
      </Link>
      <span className="sub" aria-hidden="true">
        /
      </span>
      <h1>
        {gateway.code} <span className={css.name}>{gateway.name}</span>
      </h1>
    </div>
  )
}

const tones: Partial<Record<string, Tone>> = { offline: 'red', refused: 'orange', stale: 'yellow' }

/** The one word of its state, and beside it the state of the machine where that says more. */
export function GatewayPills({ gateway, row }: { gateway: Gateway; row: FleetRow | undefined }) {
  const { t } = useTranslation(['gateway', 'common'])
  const format = useFormat()
  const now = useNow()
  const status = row === undefined ? null : fleetStatus(row, now)
  if (status === null) return null
  const tone = tones[status]
  const since = row?.since ?? now
  return (
    <span className={css.pills} role="status">
      <Pill {...(tone === undefined ? {} : { tone })}>
        <StateMark mark={status} size={14} />
        {t(`common:status.${status}`)}
        {status === 'offline' && <span title={format.dateTime(since)}>{format.age(now - since)}</span>}
      </Pill>
      {status !== gateway.state && status !== 'waiting' && <Pill>{t(`state.${gateway.state}`)}</Pill>}
    </span>
  )
}

/** Label, MAC, tenant, platform, since when it is up or gone. */
export function GatewayFacts({ gateway, row }: { gateway: Gateway; row: FleetRow | undefined }) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const now = useNow()
  const tenants = useSite()?.tenants.length ?? 1
  const platform = [gateway.platform, gateway.hardwareRevision].filter((part) => part !== null).join(' ')
  const seen = row?.lastSeenAt ?? gateway.lastSeenAt?.getTime() ?? null
  return (
    <div className={css.facts}>
      <span className="mono">{gateway.label}</span>
      {gateway.mac !== null && <span className="mono">{gateway.mac}</span>}
      {tenants > 1 && <span>{gateway.tenant.name}</span>}
      {gateway.group !== null && (
        <span>
          <Link to="/fleet" search={{ group: gateway.group.id }}>
            {groupPath(gateway.group)}
          </Link>
        </span>
      )}
      {gateway.owner !== null && <span>{t('facts.owner', { name: gateway.owner.name })}</span>}
      {platform !== '' && <span>{platform}</span>}
      {gateway.firmwareVersion !== null && (
        <span>{t('facts.firmware', { version: gateway.firmwareVersion })}</span>
      )}
      {gateway.dialect !== 'canonical' && <span>{t('facts.dialect', { dialect: gateway.dialect })}</span>}
      {row?.online === true && (
        <span title={format.dateTime(row.since)}>
          {t('facts.up', { span: format.span(now - row.since) })}
        </span>
      )}
      {row?.online === false && seen !== null && (
        <span title={`${format.dateTime(seen)} (${format.utc(seen)})`}>
          {t('facts.seen', { age: format.span(now - seen) })}
        </span>
      )}
      {seen === null && <span>{t('facts.never')}</span>}
    </div>
  )
}
