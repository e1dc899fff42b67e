import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { GatewayProfile } from '#contract/api/profiles.ts'
import { api } from '#renderer/api/client.ts'
import { profilesChanged } from '#renderer/api/use-profiles.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'

export function RemoveDialog(props: { profile: GatewayProfile; onDone(): void; onClose(): void }) {
  const { t } = useTranslation('profiles')
  const { profile } = props
  const remove = useMutation({
    mutationFn: () => api.profiles.remove({ profile: profile.id }),
    async onSuccess() {
      await profilesChanged()
      props.onDone()
    },
  })
  return (
    <DialogForm
      title={t('remove.title', { name: profile.name })}
      button={t('remove.button')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={props.onClose}
    >
      <p>{t('remove.text')}</p>
    </DialogForm>
  )
}
