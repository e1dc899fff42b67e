import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { type Answers, faultsOf, type Step } from './answers.ts'
import css from './setup.module.css'

export interface StepProps {
  answers: Answers
  change(part: Partial<Answers>): void
  onNext(): void
  onBack?: () => void
}

/** Fields are checked as one leaves them, and all of them on Continue. */
export function useFaults(step: Step, answers: Answers) {
  const { t } = useTranslation('setup')
  const [left, setLeft] = useState<ReadonlySet<keyof Answers>>(new Set())
  const [tried, setTried] = useState(false)
  const faults = faultsOf(step, answers)
  return {
    valid: Object.keys(faults).length === 0,
    tryNow: () => setTried(true),
    /** What a field needs: its error where it has been left, and the note that it was. */
    field: (name: keyof Answers) => ({
      error: (tried || left.has(name)) && faults[name] !== undefined ? t(`fault.${faults[name]}`) : null,
      onBlur: () => {
        const value = answers[name]
        if (value.length > 0) setLeft((before) => new Set(before).add(name))
      },
    }),
  }
}

/** One question a step: heading, fields, back and continue; Enter continues. */
export function StepForm(props: {
  title: string
  text: string
  next: string
  nextHint?: string
  busy?: boolean
  error?: unknown
  onSubmit(): void
  onBack?: (() => void) | undefined
  children: ReactNode
}) {
  const { t } = useTranslation('common')
  return (
    <form
      noValidate
      style={{ display: 'flex', flexDirection: 'column', flex: 1 }}
      onSubmit={(event) => {
        event.preventDefault()
        props.onSubmit()
      }}
    >
      <h1>{props.title}</h1>
      <p className="sec" style={{ marginTop: 4 }}>
        {props.text}
      </p>
      {props.children}
      {props.error !== undefined && props.error !== null && (
        <div style={{ marginTop: 16 }}>
          <ErrorNote error={props.error} />
        </div>
      )}
      <div className={css.foot}>
        {props.onBack === undefined ? (
          <span />
        ) : (
          <Button variant="subtle" px={0} onClick={props.onBack} disabled={props.busy === true}>
            {t('action.back')}
          </Button>
        )}
        <span className="sub small">{props.nextHint}</span>
        <Button type="submit" size="lg" variant="filled" loading={props.busy === true}>
          {props.next}
        </Button>
      </div>
    </form>
  )
}
