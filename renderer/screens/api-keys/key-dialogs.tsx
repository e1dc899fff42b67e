import { TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiKey } from '#contract/api/api-keys.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { keysChanged } from './use-api-keys.ts'

interface KeyDialogProps {
  apiKey: ApiKey
  onClose(): void
}

export function RenameDialog({ apiKey, onClose }: KeyDialogProps) {
  const { t } = useTranslation('api-keys')
  const [name, setName] = useState(apiKey.name)
  const rename = useMutation({
    mutationFn: () => api.apiKeys.rename({ key: apiKey.id, name: name.trim() }),
    async onSuccess() {
      await keysChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('rename.title', { name: apiKey.name })}
      button={t('rename.button')}
      pending={rename.isPending}
      error={rename.error}
      disabled={name.trim() === ''}
      onSubmit={() => rename.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t('field.name')}
        value={name}
        maxLength={80}
        autoComplete="off"
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
    </DialogForm>
  )
}

export function RevokeDialog({ apiKey, onClose }: KeyDialogProps) {
  const { t } = useTranslation('api-keys')
  const revoke = useMutation({
    mutationFn: () => api.apiKeys.revoke({ key: apiKey.id }),
    async onSuccess() {
      await keysChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('revoke.title', { name: apiKey.name })}
      button={t('revoke.button')}
      danger
      pending={revoke.isPending}
      error={revoke.error}
      onSubmit={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>{t('revoke.text')}</p>
    </DialogForm>
  )
}
