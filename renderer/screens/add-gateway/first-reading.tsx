import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fleetStatus } from '#contract/model/gateway.ts'
import { useFleetRow } from '#renderer/api/fleet-store.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { stateName } from '#renderer/charts/state-strip.ts'
import { useStateWord } from '#renderer/charts/use-state-word.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import css from './add-gateway.module.css'
import type { ProvisionedGateway } from './provisioned.tsx'

/** Waiting, refused with its reason, online, and the first reading: as it happens. */
export function FirstReading({ gateway }: { gateway: ProvisionedGateway }) {
  const { t } = useTranslation(['add-gateway', 'refusals'])
  const format = useFormat()
  const stateWord = useStateWord()
  const now = useNow()
  const row = useFleetRow(gateway.id)
  // A gateway that was enrolled again has a past: only what comes now counts.
  const [before] = useState(() => ({ at: siteNow(), reading: row?.latest?.ts ?? Number.NEGATIVE_INFINITY }))
  const refusal = row !== undefined && fleetStatus(row, now) === 'refused' ? row.refusal : null
  const refused = refusal !== null && refusal.at >= before.at ? refusal : null
  const latest =
    row !== undefined && row.latest !== null && row.latest.ts > before.reading ? row.latest : null
  const online = row?.online === true
  const mark: Mark = refused !== null ? 'refused' : latest !== null ? 'passed' : online ? 'online' : 'running'
  const value =
    latest === null
      ? ''
      : typeof latest.value === 'number'
        ? `${format.number(latest.value)} ${latest.unit ?? ''}`.trim()
        : stateWord(stateName(typeof latest.value === 'boolean' ? 'boolean' : 'text', latest.value))
  return (
    <Card title={t('first.title')}>
      <div className={css.first} aria-live="polite">
        <StateMark mark={mark} size={28} />
        <div>
          {refused !== null ? (
            <>
              <p className={css.big}>
                {t('first.refused', { reason: t(`refusals:reason.${refused.reason}`) })}
              </p>
              <p className="sec">{t(`refusals:fix.${refused.reason}`)}</p>
            </>
          ) : latest !== null ? (
            <>
              <p className={css.big}>
                {t('first.reading')} <b className={css.value}>{value}</b>
              </p>
              <p className="sec">
                {t('first.readingText', { channel: latest.name, age: format.age(now - latest.ts) })}
              </p>
            </>
          ) : online ? (
            <>
              <p className={css.big}>{t('first.online')}</p>
              <p className="sec">{t('first.onlineText')}</p>
            </>
          ) : (
            <>
              <p className={css.big}>{t('first.waiting')}</p>
              <p className="sec">{t('first.waitingText')}</p>
            </>
          )}
        </div>
      </div>
    </Card>
  )
}
