import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'

/** Stops sending; and deletes there what this site sent, where that is asked for by the site's name. */
export function LeaveDialog(props: { status: CloudStatus; onClose(): void }) {
  const { t } = useTranslation(['cloud', 'common'])
  useFocusBack()
  const { siteName } = props.status
  const [deleteSent, setDeleteSent] = useState(false)
  const [typed, setTyped] = useState('')
  const [left, setLeft] = useState(false)
  const isConfirmed = !deleteSent || typed.trim() === siteName.trim()
  const leave = useMutation({
    mutationFn: () => api.cloud.leave({ deleteSent }),
    onSuccess: props.onClose,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(true)
    if (isConfirmed && !leave.isPending) leave.mutate()
  }
  return (
    <Modal
      opened
      size={520}
      onClose={props.onClose}
      title={t('leave.dialog')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <p>{t('leave.stops')}</p>
          <Checkbox
            label={t('leave.delete')}
            description={t('leave.deleteHint')}
            checked={deleteSent}
            onChange={(event) => setDeleteSent(event.currentTarget.checked)}
          />
          {deleteSent && (
            <TextInput
              label={t('leave.type', { name: siteName })}
              value={typed}
              autoComplete="off"
              spellCheck={false}
              error={left && !isConfirmed ? t('leave.typeWrong', { name: siteName }) : null}
              onChange={(event) => setTyped(event.currentTarget.value)}
              onBlur={() => setLeft(typed !== '')}
            />
          )}
          {leave.error !== null && <ErrorNote error={leave.error} />}
          <Group justify="flex-end">
            <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
            <Button
              type="submit"
              variant="filled"
              color="red"
              loading={leave.isPending}
              disabled={!isConfirmed}
            >
              {t(deleteSent ? 'leave.leaveAndDelete' : 'leave.leave')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
