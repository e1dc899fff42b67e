import { Button, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSignInOptions } from '#renderer/api/use-session.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { PasswordField } from '#renderer/ui/password-field.tsx'
import { SignInFrame } from './frame.tsx'
import type { StepProps } from './index.tsx'
import { SignOnButtons } from './sign-on-buttons.tsx'

export function CredentialsStep({ title, given, error, isPending, onChange, onSubmit }: StepProps) {
  const { t } = useTranslation('login')
  const options = useSignInOptions()
  const [tried, setTried] = useState(false)
  const missing = (value: string) => (tried && value.trim() === '' ? t('missing') : null)
  const submit = () => {
    setTried(true)
    if (given.name.trim() !== '' && given.password !== '') onSubmit()
  }
  return (
    <SignInFrame title={title} text={t('text')} onSubmit={submit}>
      <TextInput
        label={t('name')}
        // Phones show the @, and a user name is typed as well.
        inputMode="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        value={given.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={missing(given.name)}
        autoFocus
      />
      <PasswordField
        label={t('password')}
        value={given.password}
        onChange={(password) => onChange({ password })}
        error={missing(given.password)}
      />
      {error !== null && <ErrorNote error={error} />}
      <Button type="submit" size="lg" variant="filled" loading={isPending} fullWidth>
        {t('button')}
      </Button>
      <SignOnButtons />
      <p className="small sec">
        {t('forgotten')} {options?.registration === true && <Link to="/register">{t('register.link')}</Link>}
      </p>
    </SignInFrame>
  )
}
