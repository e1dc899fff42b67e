import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account } from '#contract/api/account.ts'
import { api } from '#renderer/api/client.ts'
import { endSession } from '#renderer/api/session.ts'
import { CodeField } from '#renderer/ui/code-field.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { PasswordField } from '#renderer/ui/password-field.tsx'
import { DialogForm } from '../tenants/dialog-form.tsx'
import css from './account.module.css'

/** What the site holds about the person: to take along, and to have deleted. */
export function DataCard({ account }: { account: Account }) {
  const { t } = useTranslation('account')
  const [deleting, setDeleting] = useState(false)
  const start = useMutation({ mutationFn: () => api.privacy.exportOwn() })
  return (
    <Card title={t('data.title')}>
      <div className={css.form}>
        <p>{t('data.text')}</p>
        {start.isSuccess && <Note tone="info" title={t('data.started')} />}
        {start.error !== null && <ErrorNote error={start.error} />}
        <div className={css.row}>
          <Button loading={start.isPending} disabled={start.isSuccess} onClick={() => start.mutate()}>
            {t('data.export')}
          </Button>
          <Button color="red" onClick={() => setDeleting(true)}>
            {t('data.delete')}
          </Button>
        </div>
      </div>
      {deleting && <DeleteDialog account={account} onClose={() => setDeleting(false)} />}
    </Card>
  )
}

/** Nothing brings the account back: its address is to be typed, and what one signs in with. */
function DeleteDialog({ account, onClose }: { account: Account; onClose(): void }) {
  const { t } = useTranslation('account')
  const [typed, setTyped] = useState('')
  const [left, setLeft] = useState(false)
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const hasFactor = account.secondFactor.since !== null
  const isConfirmed = typed.trim().toLowerCase() === account.email
  const isProved = !account.hasPassword || (password !== '' && (!hasFactor || code.trim().length >= 6))
  const remove = useMutation({
    mutationFn: () =>
      api.privacy.eraseOwn({
        confirm: typed.trim(),
        ...(account.hasPassword && { password }),
        ...(hasFactor && { code: code.trim() }),
      }),
    onSuccess: () => {
      endSession()
      location.assign('/login')
    },
    onError: () => setCode(''),
  })
  return (
    <DialogForm
      title={t('data.deleteTitle')}
      button={t('data.deleteButton')}
      danger
      disabled={!isConfirmed || !isProved}
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t('data.deleteText')}</p>
      <p className="sec">{t('data.deleteKeep')}</p>
      <TextInput
        label={t('data.type', { email: account.email })}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        error={left && !isConfirmed ? t('data.typeExpected', { email: account.email }) : null}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setLeft(typed !== '')}
        data-autofocus
      />
      {account.hasPassword && (
        <PasswordField label={t('factor.password')} value={password} onChange={setPassword} />
      )}
      {hasFactor && <CodeField value={code} onChange={setCode} />}
    </DialogForm>
  )
}
