import { FileInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Note } from '#renderer/ui/note.tsx'
import type { ActionDialogProps } from '../card-dialogs.tsx'
import { ActionForm } from './action-form.tsx'
import { offsetOf } from './offset.ts'
import { FILE_MOST, uploadForBoard } from './upload-for-board.ts'

/** A backup back onto a board, or any file at an offset. */
export function FileDialog(props: ActionDialogProps & { kind: 'restore' | 'write' }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const { kind, port, onJob } = props
  const { acting } = useTenants()
  const [file, setFile] = useState<File | null>(null)
  const [offset, setOffset] = useState('0x10000')
  const [tried, setTried] = useState(false)
  const at = offsetOf(offset)
  const isTooLarge = file !== null && file.size > FILE_MOST
  const act = useMutation({
    mutationFn: async (given: File) => {
      const uploadId = await uploadForBoard(given)
      return api.bench.act({
        port: port.path,
        action: kind === 'restore' ? { kind, uploadId } : { kind, uploadId, offset: at ?? 0 },
        ...(acting !== null && { tenant: acting.id }),
      })
    },
    onSuccess: ({ id }) => onJob(id),
  })
  return (
    <ActionForm
      title={t(`${kind}.title`, { name: port.name })}
      button={t(`${kind}.button`)}
      isGrave
      isBusy={act.isPending}
      error={act.error}
      onClose={props.onClose}
      onSubmit={() => {
        setTried(true)
        if (file !== null && !isTooLarge && (kind === 'restore' || at !== null)) act.mutate(file)
      }}
    >
      <Note tone="yellow" title={t(`${kind}.warnTitle`)}>
        {t(`${kind}.warnText`)}
      </Note>
      <FileInput
        label={t('file.label')}
        placeholder={t('file.choose')}
        clearable
        value={file}
        onChange={setFile}
        error={
          isTooLarge
            ? t('file.tooLarge', { most: format.bytes(FILE_MOST) })
            : tried && file === null
              ? t('file.missing')
              : null
        }
      />
      {kind === 'write' && (
        <TextInput
          label={t('write.offset')}
          description={t('write.offsetHint')}
          classNames={{ input: 'mono' }}
          value={offset}
          maxLength={12}
          spellCheck={false}
          onChange={(event) => setOffset(event.currentTarget.value)}
          error={at === null && (tried || offset !== '') ? t('write.offsetFault') : null}
        />
      )}
    </ActionForm>
  )
}
