import { Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type LinkState, useLinkState } from '../api/link-state.ts'
import { type Mark, StateMark } from '../ui/state-mark.tsx'
import css from './shell.module.css'

const marks: Record<LinkState, Mark> = { live: 'online', connecting: 'running', lost: 'offline' }

/** Whether what is on the screen is live. Losing the link changes this and dims the values; nothing jumps. */
export function LinkIndicator() {
  const { t } = useTranslation('common')
  const state = useLinkState()
  return (
    <Tooltip label={t(`link.${state}.hint`)}>
      <span className={css.link} role="status" data-link={state}>
        <StateMark mark={marks[state]} />
        <span>{t(`link.${state}.word`)}</span>
      </span>
    </Tooltip>
  )
}
