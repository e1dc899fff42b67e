import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'

/** Removes the retained message of a topic. */
export function ClearDialog({ topic, onClose }: { topic: string; onClose(): void }) {
  const { t } = useTranslation('topics')
  const clear = useMutation({
    mutationFn: () => api.topics.publish({ topic, payload: '', qos: 1, retain: true }),
    onSuccess: onClose,
  })
  return (
    <DialogForm
      title={t('clear.title')}
      button={t('clear.button')}
      danger
      pending={clear.isPending}
      error={clear.error}
      onSubmit={() => clear.mutate()}
      onClose={onClose}
    >
      <p>{t('clear.text', { topic })}</p>
    </DialogForm>
  )
}
