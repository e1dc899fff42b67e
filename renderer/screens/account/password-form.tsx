import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { NewPasswordField, PasswordField, useIsPasswordGood } from '#renderer/ui/password-field.tsx'
import css from './account.module.css'

const nothing = { current: '', password: '', repeat: '' }

/** The current password, and the new one twice. `own`: words that make a weak one. */
export function PasswordForm(props: { own: string[]; className?: string; onChanged(): void }) {
  const { t } = useTranslation('account')
  const [form, setForm] = useState(nothing)
  const [tried, setTried] = useState(false)
  const isGood = useIsPasswordGood(props.own)
  const save = useMutation({
    mutationFn: () => api.account.changePassword({ current: form.current, password: form.password }),
    onSuccess: () => {
      setForm(nothing)
      setTried(false)
      props.onChanged()
    },
  })
  const change = (part: Partial<typeof nothing>) => {
    save.reset()
    setForm((was) => ({ ...was, ...part }))
  }
  const faults = {
    current: form.current === '' ? t('password.missing') : null,
    password: isGood(form.password) ? null : t('password.refused'),
    repeat: form.repeat === form.password ? null : t('password.differs'),
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.values(faults).every((fault) => fault === null)) save.mutate()
  }
  return (
    <form className={props.className ?? css.form} onSubmit={submit} noValidate>
      <PasswordField
        label={t('password.current')}
        value={form.current}
        onChange={(current) => change({ current })}
        error={tried ? faults.current : null}
      />
      <NewPasswordField
        label={t('password.new')}
        own={props.own}
        value={form.password}
        onChange={(password) => change({ password })}
        error={tried ? faults.password : null}
      />
      <NewPasswordField
        label={t('password.repeat')}
        isRepeat
        value={form.repeat}
        onChange={(repeat) => change({ repeat })}
        error={tried ? faults.repeat : null}
      />
      {save.error !== null && <ErrorNote error={save.error} />}
      <div className={css.row}>
        <Button type="submit" variant="filled" loading={save.isPending}>
          {t('password.button')}
        </Button>
      </div>
    </form>
  )
}
