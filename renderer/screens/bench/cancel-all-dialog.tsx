import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { BenchRun } from '#contract/model/flash.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'

/** Ends a run with the boards on their way. */
export function CancelAllDialog({ run, onClose }: { run: BenchRun; onClose(): void }) {
  const { t } = useTranslation(['bench', 'common'])
  useFocusBack()
  const stop = useMutation({
    mutationFn: () => api.bench.stopRun({ runId: run.id, now: true }),
    onSuccess: onClose,
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('cancelAll.title', { name: run.name })}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{t('cancelAll.text', { count: run.counts.running })}</p>
        <p className="sec">{t('cancelAll.keep')}</p>
        {stop.error !== null && <ErrorNote error={stop.error} />}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('cancelAll.back')}</Button>
          <Button
            variant="filled"
            color="red"
            data-autofocus
            loading={stop.isPending}
            onClick={() => stop.mutate()}
          >
            {t('cancelAll.button')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
