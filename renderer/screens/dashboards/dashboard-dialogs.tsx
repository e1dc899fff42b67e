import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ViewSummary } from '#contract/api/views.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { updateDashboard } from './use-dashboards.ts'

function Dialog(props: { title: string; onClose(): void; children: ReactNode }) {
  const { t } = useTranslation('common')
  useFocusBack()
  return (
    <Modal
      opened
      onClose={props.onClose}
      closeButtonProps={{ 'aria-label': t('action.close') }}
      title={props.title}
    >
      {props.children}
    </Modal>
  )
}

export function RenameDialog({ summary, onClose }: { summary: ViewSummary; onClose(): void }) {
  const { t } = useTranslation(['dashboards', 'common'])
  const [name, setName] = useState(summary.name)
  const rename = useMutation({
    mutationFn: () => updateDashboard(summary.id, { version: summary.version, name: name.trim() }),
    onSuccess: onClose,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '') rename.mutate()
  }
  return (
    <Dialog title={t('rename.title', { name: summary.name })} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('create.name')}
            value={name}
            maxLength={100}
            error={name.trim() === '' ? t('create.nameless') : null}
            onChange={(event) => setName(event.currentTarget.value)}
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
    </Dialog>
  )
}

export function DeleteDialog(props: { summary: ViewSummary; onClose(): void; onDeleted(): void }) {
  const { summary } = props
  const { t } = useTranslation(['dashboards', 'common'])
  const remove = useMutation({
    mutationFn: () => api.views.delete({ viewId: summary.id }),
    onSuccess: props.onDeleted,
  })
  return (
    <Dialog title={t('delete.title', { name: summary.name })} onClose={props.onClose}>
      <Stack gap="md">
        <p>{summary.shared ? t('delete.shared') : t('delete.own')}</p>
        {remove.error !== null && <ErrorNote error={remove.error} />}
        <Group justify="flex-end">
          <Button onClick={props.onClose} data-autofocus>
            {t('common:action.cancel')}
          </Button>
          <Button variant="filled" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('delete.button')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** What a menu's action failed for: its menu is gone by then. */
export function FailureDialog({ error, onClose }: { error: unknown; onClose(): void }) {
  const { t } = useTranslation('dashboards')
  return (
    <Dialog title={t('failed')} onClose={onClose}>
      <ErrorNote error={error} />
    </Dialog>
  )
}

/** Leaving with changes that are not saved. */
export function LeaveDialog(props: { saving: boolean; onSave(): void; onDiscard(): void; onStay(): void }) {
  const { t } = useTranslation(['dashboards', 'common'])
  return (
    <Dialog title={t('leave.title')} onClose={props.onStay}>
      <Stack gap="md">
        <p>{t('leave.text')}</p>
        <Group justify="flex-end">
          <Button onClick={props.onStay} data-autofocus>
            {t('leave.stay')}
          </Button>
          <Button color="red" variant="outline" onClick={props.onDiscard}>
            {t('leave.discard')}
          </Button>
          <Button variant="filled" loading={props.saving} onClick={props.onSave}>
            {t('leave.save')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
