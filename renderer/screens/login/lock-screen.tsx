import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '#contract/api/auth.ts'
import { api, readError } from '#renderer/api/client.ts'
import { lookWhetherUnlocked } from '#renderer/api/lock.ts'
import { beginSession } from '#renderer/api/session.ts'
import { signOut } from '#renderer/app/sign-out.ts'
import { CodeField } from '#renderer/ui/code-field.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { PasswordField } from '#renderer/ui/password-field.tsx'
import { useTitle } from '#renderer/ui/use-title.ts'
import { SignInFrame } from './frame.tsx'

/**
 * In place of everything while the session is locked: the same person opens it again with their password, or signs out.
 * Nothing of the screen before is in the window any more.
 */
export function LockScreen({ me }: { me: Me }) {
  const { t } = useTranslation('login')
  useTitle(t('lock.title'))
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [asksCode, setAsksCode] = useState(false)
  useUnlockedElsewhere()
  const unlock = useMutation({
    mutationFn: () => api.auth.unlock({ password, ...(asksCode && { code }) }),
    onSuccess: beginSession,
    onError: (error) => {
      const failure = readError(error).code
      if (failure === 'second_factor_required') setAsksCode(true)
      if (failure === 'second_factor_wrong') setCode('')
      if (failure === 'wrong_credentials') setPassword('')
    },
  })
  const failure = readError(unlock.error).code
  // Who signed in elsewhere has no password here.
  const cannot = failure === 'password_none'
  const submit = () => {
    if (password !== '' && (!asksCode || code.trim() !== '')) unlock.mutate()
  }
  return (
    <SignInFrame
      title={t('lock.title')}
      text={t('lock.text', { name: me.name || me.email })}
      onSubmit={submit}
    >
      {/* Password managers find the account by it. */}
      <input
        type="text"
        className="visually-hidden"
        autoComplete="username"
        value={me.email ?? ''}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      {!cannot && (
        <PasswordField label={t('password')} value={password} onChange={setPassword} autoFocus={!asksCode} />
      )}
      {asksCode && <CodeField value={code} onChange={setCode} autoFocus />}
      {unlock.error !== null && failure !== 'second_factor_required' && <ErrorNote error={unlock.error} />}
      {!cannot && (
        <Button type="submit" size="lg" variant="filled" loading={unlock.isPending} fullWidth>
          {t('lock.button')}
        </Button>
      )}
      <Button onClick={() => void signOut()}>{t('lock.signOut')}</Button>
    </SignInFrame>
  )
}

/** Another window of the same browser may have opened the session meanwhile. */
function useUnlockedElsewhere(): void {
  useEffect(() => {
    const look = () => void lookWhetherUnlocked()
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [])
}
