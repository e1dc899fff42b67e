import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Pulse } from '#contract/api/site.ts'
import { useMay, useMe } from '../api/use-session.ts'
import { toneClass } from '../screens/cloud/state-words.ts'
import { useFormat } from '../ui/format.ts'
import css from './shell.module.css'

/** The link to the cloud in a few words, and what waits for it. Told to those who see the whole site. */
export function SyncBacklog({ cloud }: { cloud: Pulse['cloud'] }) {
  const me = useMe()
  const mayOpen = useMay('cloud:write')
  const words = useSyncWords(cloud)
  if (me?.reach !== 'site') return null
  const tone = toneClass(cloud?.state)
  return (
    <span className={`live-value ${tone}`}>
      {mayOpen ? (
        <Link to="/cloud" className={css.plain}>
          {words}
        </Link>
      ) : (
        words
      )}
    </span>
  )
}

function useSyncWords(cloud: Pulse['cloud']): string {
  const { t } = useTranslation('common')
  const format = useFormat()
  if (cloud === null) return t('sync.off')
  const state = t(`sync.${cloud.state}`)
  const { backlogReadings: count, backlogSeconds } = cloud
  if (cloud.state === 'live' || count === null || count === 0) return state
  const values = { count, shown: format.integer(count), span: format.span(backlogSeconds * 1_000) }
  return `${state}, ${t('sync.backlog', values)}`
}
