import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { gatewayChanged } from './use-gateway.ts'

/** Another name; the code stays, for scripts and labels know it. */
export function RenameDialog({ gateway, onClose }: { gateway: Gateway; onClose(): void }) {
  const { t } = useTranslation(['gateway', 'common'])
  useFocusBack()
  const [name, setName] = useState(gateway.name)
  const [left, setLeft] = useState(false)
  const problem = name.trim() === '' ? t('rename.empty') : name.trim().length > 100 ? t('rename.long') : null
  const rename = useMutation({
    mutationFn: () => api.gateways.update({ gateway: gateway.id, name: name.trim() }),
    onSuccess() {
      gatewayChanged(gateway.id)
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(true)
    if (problem === null) rename.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t('rename.title', { code: gateway.code })}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('rename.name')}
            value={name}
            error={left ? problem : null}
            onChange={(event) => setName(event.currentTarget.value)}
            onBlur={() => setLeft(true)}
            data-autofocus
          />
          {rename.error !== null && <ErrorNote error={rename.error} />}
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={rename.isPending}>
              {t('common:action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
