import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { RetentionClass } from '#contract/model/retention.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { retentionChanged } from './retention-queries.ts'

/** Deletes a class that nothing uses. */
export function RetentionDeleteDialog({ of, onClose }: { of: RetentionClass; onClose(): void }) {
  const { t } = useTranslation(['settings', 'common'])
  useFocusBack()
  const remove = useMutation({
    mutationFn: () => api.retention.deleteClass({ id: of.id }),
    onSuccess: onClose,
    onSettled: retentionChanged,
  })
  const title = t('retention.delete', { name: of.name })
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{t('retention.deleteDialog.text')}</p>
        {remove.error !== null && <ErrorNote error={remove.error} />}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button variant="filled" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {title}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
