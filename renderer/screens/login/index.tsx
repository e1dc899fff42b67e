import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { beginSession, setupQuery } from '#renderer/api/session.ts'
import { Logo } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useTitle } from '#renderer/ui/use-title.ts'
import css from './login.module.css'

/** E-mail and password; afterwards the page that was asked for. */
export function LoginScreen() {
  const { t } = useTranslation('login')
  useTitle(t('title'))
  const site = useQuery(setupQuery).data
  const { to }: { to?: string } = useSearch({ strict: false })
  const router = useRouter()
  const navigate = useNavigate()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const login = useMutation({
    mutationFn: () => api.auth.login({ email: email.trim(), password }),
    onSuccess: async (me) => {
      beginSession(me)
      if (to === undefined) await navigate({ to: '/', replace: true })
      else router.history.replace(to)
    },
  })
  const missing = (value: string) => (tried && value === '' ? t('missing') : null)
  return (
    <main className={css.page}>
      <form
        className={css.box}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (email !== '' && password !== '') login.mutate()
        }}
      >
        <div className={css.brand}>
          <Logo />
          Millwright
        </div>
        <div>
          <h1>{site?.siteName ?? t('title')}</h1>
          <p className="sec">{t('text')}</p>
        </div>
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          maxLength={254}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={missing(email)}
          autoFocus
        />
        <PasswordInput
          label={t('password')}
          autoComplete="current-password"
          maxLength={1024}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={missing(password)}
          visibilityToggleButtonProps={{ 'aria-label': t('show') }}
        />
        {login.error !== null && <ErrorNote error={login.error} />}
        <Button type="submit" size="lg" variant="filled" loading={login.isPending} fullWidth>
          {t('button')}
        </Button>
      </form>
    </main>
  )
}
