import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'

/** Two copies of one site must not both write: a person says which one stays. */
export function CopiedDialog({ status, onClose }: { status: CloudStatus; onClose(): void }) {
  const { t } = useTranslation(['cloud', 'common'])
  const format = useFormat()
  useFocusBack()
  const keep = useMutation({ mutationFn: () => api.cloud.keepThis(), onSuccess: onClose })
  const leave = useMutation({ mutationFn: () => api.cloud.leave({ deleteSent: false }), onSuccess: onClose })
  const error = keep.error ?? leave.error
  const busy = keep.isPending || leave.isPending
  const since = timeOf(status.problem?.data['at'])
  return (
    <Modal
      opened
      size={600}
      onClose={onClose}
      title={t('copied.title')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{since === null ? t('copied.what') : t('copied.since', { at: format.dateTime(since) })}</p>
        <p>{t('copied.how')}</p>
        <ul style={{ listStyle: 'disc', paddingLeft: 20 }}>
          <li>
            <b>{t('copied.keep')}</b>: {t('copied.keepText')}
          </li>
          <li>
            <b>{t('copied.leave')}</b>: {t('copied.leaveText')}
          </li>
        </ul>
        {error !== null && <ErrorNote error={error} />}
        <Group justify="flex-end">
          <Button onClick={onClose} disabled={busy}>
            {t('copied.later')}
          </Button>
          <Button color="red" loading={leave.isPending} disabled={busy} onClick={() => leave.mutate()}>
            {t('copied.leave')}
          </Button>
          <Button variant="filled" loading={keep.isPending} disabled={busy} onClick={() => keep.mutate()}>
            {t('copied.keep')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function timeOf(value: unknown): number | null {
  const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(at) ? at : null
}
