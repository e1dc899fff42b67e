import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { deadLettersChanged } from './use-dead-letters.ts'

/** They are given up: the cloud never has them. */
export function DiscardDialog(props: { ids: readonly string[]; onDone(): void; onClose(): void }) {
  const { t } = useTranslation(['cloud', 'common'])
  const format = useFormat()
  useFocusBack()
  const { ids } = props
  const discard = useMutation({
    mutationFn: () => api.cloud.discardDeadLetters({ ids: [...ids] }),
    onSuccess: props.onDone,
    onSettled: deadLettersChanged,
  })
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('refused.discardTitle', { count: ids.length, shown: format.integer(ids.length) })}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{t('refused.discardText')}</p>
        {discard.error !== null && <ErrorNote error={discard.error} />}
        <Group justify="flex-end">
          <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
          <Button variant="filled" color="red" loading={discard.isPending} onClick={() => discard.mutate()}>
            {t('refused.discard')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
