import { Button, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import css from './doctor.module.css'

/** Whom it is about. */
export function AskForm() {
  const { t } = useTranslation('doctor')
  const navigate = useNavigate()
  const [subject, setSubject] = useState('')
  const wanted = subject.trim()
  const ask = (event: FormEvent) => {
    event.preventDefault()
    if (wanted !== '') void navigate({ to: '/doctor', search: { subject: wanted } } as never)
  }
  return (
    <form className={css.askForm} onSubmit={ask}>
      <TextInput
        label={t('ask.label')}
        description={t('ask.hint')}
        value={subject}
        maxLength={64}
        spellCheck={false}
        autoCapitalize="off"
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      <Button type="submit" variant="filled" disabled={wanted === ''}>
        {t('ask.button')}
      </Button>
    </form>
  )
}
