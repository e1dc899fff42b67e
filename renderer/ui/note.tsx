import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useErrorText } from '../api/error-text.ts'
import { CopyIconButton } from './copy-button.tsx'
import css from './layout.module.css'
import type { Tone } from './layout.tsx'
import { type Mark, StateMark } from './state-mark.tsx'

const marks: Record<Tone, Mark> = { red: 'failed', orange: 'refused', yellow: 'due', info: 'passed' }

/** A framed message with its mark: what happened, and below it what to do. */
export function Note(props: {
  tone: Tone
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
  mark?: Mark
}) {
  return (
    <div className={css.note} data-tone={props.tone} role={props.tone === 'info' ? 'status' : 'alert'}>
      <StateMark mark={props.mark ?? marks[props.tone]} />
      <div>
        <p className="strong">{props.title}</p>
        {props.children !== undefined && <p className="sec">{props.children}</p>}
      </div>
      {props.action}
    </div>
  )
}

/** Any thrown value in words: what happened, what to do, details to copy, and again where that can help. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation('common')
  const text = useErrorText()(error)
  return (
    <Note
      tone="red"
      title={text.what}
      action={
        <span style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
          {onRetry !== undefined && (
            <button type="button" className="link-button" onClick={onRetry}>
              {t('action.retry')}
            </button>
          )}
          <CopyIconButton value={text.details} label={t('action.copyDetails')} />
        </span>
      }
    >
      {text.todo}
    </Note>
  )
}
