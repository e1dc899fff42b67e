import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle, FirmwarePublisher } from '#contract/api/firmware.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { firmwareChanged } from './use-firmware.ts'

export function RemoveBundleDialog(props: { bundle: FirmwareBundle; onDone(): void; onClose(): void }) {
  const { t } = useTranslation('firmware')
  const { id, name, version } = props.bundle
  const remove = useMutation({
    mutationFn: () => api.firmware.remove({ bundleId: id }),
    async onSuccess() {
      await firmwareChanged()
      props.onDone()
    },
  })
  return (
    <DialogForm
      title={t('remove.title', { name: `${name} ${version}` })}
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

export function RemovePublisherDialog(props: { publisher: FirmwarePublisher; onClose(): void }) {
  const { t } = useTranslation('firmware')
  const { id, name, bundles } = props.publisher
  const remove = useMutation({
    mutationFn: () => api.firmware.removePublisher({ publisherId: id }),
    async onSuccess() {
      await firmwareChanged()
      props.onClose()
    },
  })
  return (
    <DialogForm
      title={t('publisher.removeTitle', { name })}
      button={t('publisher.remove')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={props.onClose}
    >
      <p>{t('publisher.removeText', { count: bundles })}</p>
    </DialogForm>
  )
}
