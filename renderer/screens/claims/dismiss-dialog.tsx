import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Knock } from '#contract/api/claims.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { nameOf } from './knock.ts'
import { claimsChanged } from './use-claims.ts'

/** Takes a box off the list for a day. */
export function DismissDialog({ knock, onClose }: { knock: Knock; onClose(): void }) {
  const { t } = useTranslation('claims')
  const dismiss = useMutation({
    mutationFn: () => api.claims.dismiss({ knock: knock.id }),
    onSuccess: () => {
      claimsChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('dismiss.title', { name: nameOf(knock) })}
      button={t('panel.dismiss')}
      pending={dismiss.isPending}
      error={dismiss.error}
      onSubmit={() => dismiss.mutate()}
      onClose={onClose}
    >
      <p>{t('dismiss.text')}</p>
    </DialogForm>
  )
}
