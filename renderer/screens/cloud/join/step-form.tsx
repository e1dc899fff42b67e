import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '#renderer/ui/note.tsx'
import own from './join.module.css'

/** One question: heading, fields, back and continue; Enter continues. */
export function StepForm(props: {
  title: string
  text: string
  next: string
  hint?: string
  busy?: boolean
  disabled?: boolean
  error?: unknown
  /** What helps against the error. */
  remedy?: ReactNode
  onSubmit(): void
  onBack?: (() => void) | undefined
  children: ReactNode
}) {
  const { t } = useTranslation('common')
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    // Each question begins at its first field, or where there is none, at the way on: Enter leads through.
    const first = form.current?.querySelector<HTMLElement>(
      'input:not([type="file"]):checked, input[type="text"]',
    )
    const target = first ?? form.current?.querySelector<HTMLElement>('button[type="submit"]')
    target?.focus({ preventScroll: true })
  }, [])
  return (
    <form
      ref={form}
      noValidate
      className={own.step}
      onSubmit={(event) => {
        event.preventDefault()
        props.onSubmit()
      }}
    >
      <h2>{props.title}</h2>
      <p className="sec">{props.text}</p>
      {props.children}
      {props.error !== undefined && props.error !== null && <ErrorNote error={props.error} />}
      {props.remedy}
      <div className={own.foot}>
        {props.onBack !== undefined && (
          <Button onClick={props.onBack} disabled={props.busy === true}>
            {t('action.back')}
          </Button>
        )}
        <span className="sub small push" role="status">
          {props.hint}
        </span>
        <Button
          type="submit"
          variant="filled"
          loading={props.busy === true}
          disabled={props.disabled === true}
        >
          {props.next}
        </Button>
      </div>
    </form>
  )
}
