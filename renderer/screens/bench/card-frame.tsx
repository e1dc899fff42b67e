import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import css from './bench.module.css'

export type CardTone = 'running' | 'passed' | 'failed' | 'warning' | 'quiet' | 'free'

/** What all cards of a port share: which port, the state in a shape, a colour and a word, and what can be done. */
export function CardFrame(props: {
  number: number
  /** `ttyUSB0`; null: nothing is plugged in. */
  name: string | null
  isSimulated?: boolean
  /** At the right of the port: the label of its gateway. */
  end?: ReactNode
  menu?: ReactNode
  tone: CardTone
  mark: Mark
  word: string
  /** Beside the word: time left, tries. */
  time?: ReactNode
  children?: ReactNode
  foot?: ReactNode
}) {
  const { t } = useTranslation('bench')
  const { number, name, tone, word } = props
  return (
    <section
      className={css.port}
      data-tone={tone}
      data-simulated={props.isSimulated === true || undefined}
      aria-label={name === null ? t('card.free', { number }) : t('card.label', { number, name })}
    >
      <div className={css.slot}>
        <span className="strong">{t('card.port', { number })}</span>
        {name !== null && <span className="mono ellipsis">{name}</span>}
        {props.isSimulated === true && (
          <span className={css.simulated}>
            <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
              <path d="M5 0l5 5-5 5-5-5z" fill="var(--magenta)" />
            </svg>
            {t('card.simulated')}
          </span>
        )}
        <span className="push ellipsis">{props.end}</span>
        {props.menu}
      </div>
      <div className={css.state}>
        <StateMark mark={props.mark} size={20} />
        <h2 title={word}>{word}</h2>
        {props.time !== undefined && <small className="live-value">{props.time}</small>}
      </div>
      {props.children}
      {props.foot !== undefined && <div className={css.foot}>{props.foot}</div>}
    </section>
  )
}
