import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '#contract/api/auth.ts'
import { api, readError } from '#renderer/api/client.ts'
import { beginSession } from '#renderer/api/session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { NewPasswordField } from '#renderer/ui/password-field.tsx'
import { SignInFrame } from '../login/frame.tsx'
import { forgetToken } from './kept-token.ts'

export type Invitation = Awaited<ReturnType<typeof api.users.invitation>>

/** An address stays in one line. */
export function unbroken(email: string): string {
  return email.replace('@', '\u2060@')
}

/** A name and a password, and then in. */
export function AcceptForm({ token, invitation }: { token: string; invitation: Invitation }) {
  const { t } = useTranslation('invitation')
  const format = useFormat()
  const navigate = useNavigate()
  const isReset = invitation.kind === 'reset'
  const [given, setGiven] = useState({ name: '', password: '', repeat: '' })
  const [tried, setTried] = useState(false)
  const problems = {
    name: !isReset && given.name.trim() === '' ? t('missing') : null,
    password: given.password === '' ? t('missing') : null,
    repeat: given.repeat === given.password ? null : t('repeatWrong'),
  }
  const change = (part: Partial<typeof given>) => setGiven((was) => ({ ...was, ...part }))
  const accept = useMutation({
    async mutationFn(): Promise<Me | null> {
      const { password } = given
      const name = given.name.trim()
      const { email } = await api.users.accept({ token, password, ...(name === '' ? {} : { name }) })
      forgetToken()
      try {
        return await api.auth.login({ email, password })
      } catch (error) {
        // The password is chosen; the second factor is asked for where one signs in.
        if (readError(error).code === 'second_factor_required') return null
        throw error
      }
    },
    async onSuccess(me) {
      if (me !== null) beginSession(me)
      await navigate({ to: me === null ? '/login' : '/', replace: true })
    },
  })
  const error = (field: keyof typeof problems) => (tried ? problems[field] : null)
  const about = { site: invitation.siteName, email: unbroken(invitation.maskedEmail) }
  return (
    <SignInFrame
      title={t(isReset ? 'reset.title' : 'title')}
      text={t(isReset ? 'reset.text' : 'text', about)}
      onSubmit={() => {
        setTried(true)
        if (Object.values(problems).every((problem) => problem === null)) accept.mutate()
      }}
    >
      {!isReset && (
        <TextInput
          label={t('name')}
          description={t('nameHint')}
          value={given.name}
          maxLength={100}
          autoComplete="name"
          error={error('name')}
          onChange={(event) => change({ name: event.currentTarget.value })}
          autoFocus
        />
      )}
      <NewPasswordField
        label={t('password')}
        value={given.password}
        own={[given.name]}
        error={error('password')}
        onChange={(password) => change({ password })}
      />
      <NewPasswordField
        label={t('repeat')}
        value={given.repeat}
        isRepeat
        error={error('repeat')}
        onChange={(repeat) => change({ repeat })}
      />
      {accept.error !== null && <ErrorNote error={accept.error} />}
      <Button type="submit" size="lg" variant="filled" fullWidth loading={accept.isPending}>
        {t('button')}
      </Button>
      {!isReset && (
        <p className="small sec">
          {t('have')}{' '}
          <Link to="/login" search={{ to: '/invitation' }} style={{ textDecoration: 'underline' }}>
            {t('signIn')}
          </Link>
        </p>
      )}
      <p className="small sec">{t('until', { at: format.dateTime(invitation.expiresAt) })}</p>
    </SignInFrame>
  )
}
