import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account } from '#contract/api/account.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { Note } from '#renderer/ui/note.tsx'
import css from './account.module.css'
import { PasswordForm } from './password-form.tsx'
import { accountChanged } from './use-account.ts'

export function PasswordCard({ account }: { account: Account }) {
  const { t } = useTranslation('account')
  const format = useFormat()
  const [isOpen, setOpen] = useState(false)
  const [changed, setChanged] = useState(false)
  const { name, email, username, passwordChangedAt } = account
  return (
    <Card
      title={t('password.title')}
      end={passwordChangedAt !== null && t('password.changedAt', { date: format.date(passwordChangedAt) })}
    >
      {isOpen ? (
        <PasswordForm
          own={[name, email, username ?? '']}
          onChanged={() => {
            setOpen(false)
            setChanged(true)
            accountChanged()
          }}
        />
      ) : (
        <div className={css.form}>
          <p>{t('password.text')}</p>
          <div className={css.row}>
            <Button
              onClick={() => {
                setOpen(true)
                setChanged(false)
              }}
            >
              {t('password.button')}
            </Button>
          </div>
        </div>
      )}
      {changed && (
        <div className={css.foot}>
          <Note tone="info" title={t('password.done')}>
            {t('password.doneText')}
          </Note>
        </div>
      )}
    </Card>
  )
}
