import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { useSignInOptions } from '#renderer/api/use-session.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { NewPasswordField, useIsPasswordGood } from '#renderer/ui/password-field.tsx'
import { useTitle } from '#renderer/ui/use-title.ts'
import { SignInFrame } from './frame.tsx'

const nothing = { deviceId: '', username: '', email: '', password: '' }

/** An account of one's own with the label of a gateway, where the site lets people make one. */
export function RegisterScreen() {
  const { t } = useTranslation('login')
  useTitle(t('register.title'))
  const options = useSignInOptions()
  const [given, setGiven] = useState(nothing)
  const [tried, setTried] = useState(false)
  const isGood = useIsPasswordGood([given.username, given.email])
  const register = useMutation({
    mutationFn: () =>
      api.auth.register({ ...given, email: given.email.trim(), username: given.username.trim() }),
  })
  const change = (part: Partial<typeof nothing>) => setGiven((was) => ({ ...was, ...part }))
  const missing = (value: string) => (tried && value.trim() === '' ? t('missing') : null)
  const submit = () => {
    setTried(true)
    if (Object.values(given).every((value) => value.trim() !== '') && isGood(given.password))
      register.mutate()
  }
  const text = t('register.text', { site: options?.siteName ?? '' })
  if (register.isSuccess)
    return (
      <SignInFrame title={t('register.title')} text={text} onSubmit={() => {}}>
        <Note tone="info" title={t('register.done', { username: register.data.username })}>
          {t('register.doneTodo', { label: register.data.deviceId })}
        </Note>
        <Button variant="filled" size="lg" renderRoot={(props) => <Link to="/login" {...props} />}>
          {t('register.signIn')}
        </Button>
      </SignInFrame>
    )
  const refused = tried && given.password !== '' && !isGood(given.password)
  return (
    <SignInFrame title={t('register.title')} text={text} onSubmit={submit}>
      {options?.registration === false && (
        <Note tone="orange" title={t('register.closed')}>
          {t('register.closedTodo')}
        </Note>
      )}
      <TextInput
        label={t('register.label')}
        description={t('register.labelHint')}
        placeholder="ESP-A1B2C3"
        maxLength={64}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="characters"
        value={given.deviceId}
        onChange={(event) => change({ deviceId: event.currentTarget.value })}
        error={missing(given.deviceId)}
        autoFocus
      />
      <TextInput
        label={t('register.username')}
        description={t('register.usernameHint')}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={40}
        value={given.username}
        onChange={(event) => change({ username: event.currentTarget.value })}
        error={missing(given.username)}
      />
      <TextInput
        label={t('email')}
        type="email"
        autoComplete="email"
        maxLength={254}
        value={given.email}
        onChange={(event) => change({ email: event.currentTarget.value })}
        error={missing(given.email)}
      />
      <NewPasswordField
        label={t('password')}
        own={[given.username, given.email]}
        value={given.password}
        onChange={(password) => change({ password })}
        error={missing(given.password) ?? (refused ? t('passwordRefused') : null)}
      />
      {register.error !== null && <ErrorNote error={register.error} />}
      <Button
        type="submit"
        size="lg"
        variant="filled"
        loading={register.isPending}
        disabled={options?.registration === false}
        fullWidth
      >
        {t('register.button')}
      </Button>
      <p className="small sec">
        <Link to="/login">{t('register.back')}</Link>
      </p>
    </SignInFrame>
  )
}
