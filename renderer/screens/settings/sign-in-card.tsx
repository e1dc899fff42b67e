import { Button, Select, Switch } from '@mantine/core'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SignInSettings } from '#contract/api/sign-in.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { signInQuery } from '#renderer/api/session.ts'
import { Card, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useRoleName } from '#renderer/ui/role-name.ts'
import css from './settings.module.css'

const settingsQuery = queryOptions({
  queryKey: ['auth', 'settings'],
  queryFn: ({ signal }) => api.auth.settings(undefined, { signal }),
})

const lockMinutes = [1, 2, 5, 10, 15, 30, 60, 120, 240]
const NEVER = 'never'

/** How people sign in: the lock of idle sessions, rules of passwords, whether they may make accounts themselves. */
export function SignInCard() {
  const { t } = useTranslation('settings')
  const { data, error, refetch } = useQuery(settingsQuery)
  return (
    <Card title={t('signIn.title')}>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton />
      ) : (
        <SignInForm key={JSON.stringify(data)} saved={data} />
      )}
    </Card>
  )
}

function SignInForm({ saved }: { saved: SignInSettings }) {
  const { t } = useTranslation(['settings', 'common'])
  const roleName = useRoleName()
  const [form, setForm] = useState(saved)
  const { registration, passwordClasses, idleLockMinutes } = form
  const isSame = JSON.stringify(form) === JSON.stringify(saved)
  const save = useMutation({
    mutationFn: () => api.auth.updateSettings(form),
    onSuccess: (settings) => {
      queryClient.setQueryData(settingsQuery.queryKey, settings)
      void queryClient.invalidateQueries({ queryKey: signInQuery.queryKey })
    },
  })
  const change = (part: Partial<SignInSettings>) => setForm((was) => ({ ...was, ...part }))
  const minutes = [...new Set([...lockMinutes, saved.idleLockMinutes ?? 5])].toSorted((a, b) => a - b)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isSame) save.mutate()
  }
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <Select
        label={t('signIn.lock')}
        description={t('signIn.lockHint')}
        data={[
          { value: NEVER, label: t('signIn.never') },
          ...minutes.map((count) => ({ value: String(count), label: t('signIn.minutes', { count }) })),
        ]}
        value={idleLockMinutes === null ? NEVER : String(idleLockMinutes)}
        onChange={(value) =>
          change({ idleLockMinutes: value === null || value === NEVER ? null : Number(value) })
        }
      />
      <Switch
        label={t('signIn.classes')}
        description={t('signIn.classesHint')}
        checked={passwordClasses}
        onChange={(event) => change({ passwordClasses: event.currentTarget.checked })}
      />
      <Switch
        label={t('signIn.register')}
        description={t('signIn.registerHint')}
        checked={registration.isOpen}
        onChange={(event) =>
          change({ registration: { ...registration, isOpen: event.currentTarget.checked } })
        }
      />
      {registration.isOpen && (
        <Select
          label={t('signIn.role')}
          data={(['viewer', 'operator'] as const).map((value) => ({ value, label: roleName(value) }))}
          value={registration.role}
          onChange={(role) => role !== null && change({ registration: { ...registration, role } })}
        />
      )}
      {save.error !== null && <ErrorNote error={save.error} />}
      <div className={css.row}>
        <Button type="submit" variant="filled" disabled={isSame} loading={save.isPending}>
          {t('common:action.save')}
        </Button>
      </div>
    </form>
  )
}
