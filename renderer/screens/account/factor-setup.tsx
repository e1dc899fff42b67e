import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { CodeField } from '#renderer/ui/code-field.tsx'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { PasswordField } from '#renderer/ui/password-field.tsx'
import { QrCode } from '#renderer/ui/qr-code.tsx'
import css from './account.module.css'
import { RecoveryCodes } from './recovery-codes.tsx'

/** Password, QR code and a first code, recovery codes: one question a step. */
export function FactorSetup({ onDone }: { onDone(): void }) {
  const [begun, setBegun] = useState<Begun | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  if (codes !== null) return <RecoveryCodes codes={codes} onKept={onDone} />
  if (begun !== null) return <ScanStep begun={begun} onConfirmed={setCodes} />
  return <PasswordStep onBegun={setBegun} />
}

interface Begun {
  secret: string
  uri: string
}

function PasswordStep({ onBegun }: { onBegun(begun: Begun): void }) {
  const { t } = useTranslation(['account', 'common'])
  const [password, setPassword] = useState('')
  const begin = useMutation({
    mutationFn: () => api.account.beginSecondFactor({ password }),
    onSuccess: onBegun,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (password !== '') begin.mutate()
  }
  return (
    <form className={css.bare} onSubmit={submit} noValidate>
      <p>{t('factor.appText')}</p>
      <PasswordField label={t('factor.password')} value={password} onChange={setPassword} autoFocus />
      {begin.error !== null && <ErrorNote error={begin.error} />}
      <div className={css.row}>
        <Button type="submit" variant="filled" loading={begin.isPending} disabled={password === ''}>
          {t('common:action.continue')}
        </Button>
      </div>
    </form>
  )
}

function ScanStep({ begun, onConfirmed }: { begun: Begun; onConfirmed(codes: string[]): void }) {
  const { t } = useTranslation('account')
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: () => api.account.confirmSecondFactor({ code }),
    onSuccess: ({ recoveryCodes }) => onConfirmed(recoveryCodes),
    onError: () => setCode(''),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (code.trim().length >= 6) confirm.mutate()
  }
  const spaced = begun.secret.replace(/.{4}(?=.)/g, '$& ')
  return (
    <form className={css.bare} onSubmit={submit} noValidate>
      <div className={css.scan}>
        <QrCode text={begun.uri} label={t('factor.qr')} />
        <div className={css.bare}>
          <p>{t('factor.scan')}</p>
          <p className="small sec">{t('factor.byHand')}</p>
          <p>
            <code className={`mono ${css.secret}`}>{spaced}</code>
          </p>
          <div className={css.row}>
            <CopyButton value={begun.secret} />
          </div>
        </div>
      </div>
      <CodeField value={code} onChange={setCode} autoFocus appOnly />
      {confirm.error !== null && <ErrorNote error={confirm.error} />}
      <div className={css.row}>
        <Button type="submit" variant="filled" loading={confirm.isPending} disabled={code.trim().length < 6}>
          {t('factor.confirm')}
        </Button>
      </div>
    </form>
  )
}
