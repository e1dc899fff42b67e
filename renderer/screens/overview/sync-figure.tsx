import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Pulse } from '#contract/api/site.ts'
import { usePulse } from '#renderer/api/use-pulse.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { toneClass } from '#renderer/screens/cloud/state-words.ts'
import { useFormat } from '#renderer/ui/format.ts'
import css from './overview.module.css'

/** What waits for the cloud; told to those who see the whole site. */
export function SyncFigure() {
  const { t } = useTranslation(['overview', 'common'])
  const me = useMe()
  const pulse = usePulse()
  const mayOpen = useMay('cloud:write')
  if (me?.reach !== 'site' || pulse === undefined) return null
  const { cloud } = pulse
  const words = cloud === null ? t('figures.noCloud') : t(`common:sync.${cloud.state}`)
  return (
    <div className={css.figure}>
      <div className={css.name}>{t('figures.sync')}</div>
      <div className={`${css.value} live-value`}>
        {cloud === null ? (
          <span className={css.quiet}>{t('figures.syncOff')}</span>
        ) : (
          <Backlog cloud={cloud} />
        )}
      </div>
      <div className={`${css.foot} ${toneClass(cloud?.state)}`}>
        {mayOpen ? (
          <Link to="/cloud" className={css.plain}>
            {words}
          </Link>
        ) : (
          words
        )}
      </div>
    </div>
  )
}

function Backlog({ cloud }: { cloud: NonNullable<Pulse['cloud']> }) {
  const { t } = useTranslation('overview')
  const format = useFormat()
  const { backlogReadings: count, backlogSeconds } = cloud
  if (count === null) return <small>{t('figures.counting')}</small>
  return (
    <>
      {format.integer(count)}
      {count > 0 && <small> {t('figures.syncFor', { span: format.span(backlogSeconds * 1_000) })}</small>}
    </>
  )
}
