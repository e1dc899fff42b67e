import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isErrorCode } from '#contract/errors.ts'
import type { EngineState } from '#contract/shell.ts'
import { shell } from '../api/client.ts'
import { Note } from '../ui/note.tsx'
import { useNow } from '../ui/now.ts'
import css from './shell.module.css'

/** The store cannot write: said on every screen, with what to do, and the cause to those who are told it. */
export function StoreNote({ cause }: { cause: string | null }) {
  const { t } = useTranslation(['common', 'errors'])
  const known = isErrorCode(cause) ? cause : null
  return (
    <div className={css.banner}>
      <Note tone="red" title={t('common:store.stalled')}>
        {known !== null ? t(`errors:${known}.todo`) : cause !== null && t('common:store.cause', { cause })}{' '}
        {t('common:store.todo')}
      </Note>
    </div>
  )
}

/** On the desktop: the engine's process died, is starting again, or has been given up. */
export function EngineNote() {
  const { t } = useTranslation('common')
  const engine = useEngineState()
  const now = useNow()
  if (engine === null || engine.state === 'running') return null
  if (engine.state === 'starting') return <Banner title={t('engine.starting')} />
  if (engine.state === 'failed') {
    return (
      <Banner red title={t('engine.failed')}>
        {t('engine.failedTodo', { cause: engine.cause })}
      </Banner>
    )
  }
  const seconds = Math.max(0, Math.ceil((engine.retryAt - now) / 1000))
  return (
    <Banner red title={t('engine.crashed', { attempt: engine.attempt })}>
      {t('engine.crashedTodo', { cause: engine.cause, seconds })}
    </Banner>
  )
}

function Banner({ red = false, title, children }: { red?: boolean; title: string; children?: string }) {
  return (
    <div className={css.banner}>
      <Note tone={red ? 'red' : 'info'} mark={red ? 'failed' : 'running'} title={title}>
        {children}
      </Note>
    </div>
  )
}

function useEngineState(): EngineState | null {
  const [state, setState] = useState<EngineState | null>(null)
  useEffect(() => shell?.onEngineState(setState), [])
  return state
}
