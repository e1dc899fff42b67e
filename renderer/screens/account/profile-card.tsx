import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account } from '#contract/api/account.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { PasswordField } from '#renderer/ui/password-field.tsx'
import css from './account.module.css'
import { accountChanged, accountQuery } from './use-account.ts'

/** Name, user name, e-mail address. Another address needs the password: one signs in with it. */
export function ProfileCard({ account }: { account: Account }) {
  const { t } = useTranslation(['account', 'common'])
  const saved = { name: account.name, username: account.username ?? '', email: account.email }
  const [form, setForm] = useState(saved)
  const [password, setPassword] = useState('')
  const next = { name: form.name.trim(), username: form.username.trim(), email: form.email.trim() }
  const isSame = JSON.stringify(next) === JSON.stringify(saved)
  const otherEmail = next.email !== saved.email
  const save = useMutation({
    mutationFn: () =>
      api.account.update({
        name: next.name,
        username: next.username === '' ? null : next.username,
        ...(otherEmail && { email: next.email, password }),
      }),
    onSuccess: (changed) => {
      queryClient.setQueryData(accountQuery.queryKey, changed)
      setForm({ name: changed.name, username: changed.username ?? '', email: changed.email })
      setPassword('')
      accountChanged()
    },
  })
  const change = (part: Partial<typeof saved>) => setForm((was) => ({ ...was, ...part }))
  const mayChangeEmail = account.hasPassword
  const isReady = next.name !== '' && next.email !== '' && (!otherEmail || password !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isSame && isReady) save.mutate()
  }
  return (
    <Card title={t('profile.title')}>
      <form className={css.form} onSubmit={submit} noValidate>
        <TextInput
          label={t('profile.name')}
          autoComplete="name"
          maxLength={100}
          value={form.name}
          error={next.name === '' ? t('profile.nameMissing') : null}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t('profile.username')}
          description={t('profile.usernameHint')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          value={form.username}
          onChange={(event) => change({ username: event.currentTarget.value })}
        />
        <TextInput
          label={t('profile.email')}
          description={mayChangeEmail ? t('profile.emailHint') : t('profile.emailElsewhere')}
          type="email"
          autoComplete="email"
          maxLength={254}
          value={form.email}
          readOnly={!mayChangeEmail}
          error={next.email === '' ? t('profile.emailMissing') : null}
          onChange={(event) => change({ email: event.currentTarget.value })}
        />
        {otherEmail && (
          <PasswordField label={t('profile.password')} value={password} onChange={setPassword} />
        )}
        {save.error !== null && <ErrorNote error={save.error} />}
        <div className={css.row}>
          <Button type="submit" variant="filled" disabled={isSame || !isReady} loading={save.isPending}>
            {t('common:action.save')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
