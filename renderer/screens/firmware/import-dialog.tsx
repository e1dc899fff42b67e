import { Button, FileInput, Group, Modal, Progress, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundleDetails } from '#contract/api/firmware.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { chosenFiles, type GivenFile } from './dropped-files.ts'
import { OwnerSelect, useOwner } from './owner-select.tsx'
import { packBundle } from './pack-bundle.ts'
import { firmwareChanged, importBundle } from './use-firmware.ts'

/** Files of a bundle on their way in; closing it ends that. */
export function ImportDialog(props: {
  /** Dropped on the screen; empty: they are chosen here. */
  files: readonly GivenFile[]
  onDone(bundle: FirmwareBundleDetails): void
  onClose(): void
}) {
  const { t } = useTranslation(['firmware', 'common'])
  const format = useFormat()
  useFocusBack()
  const [files, setFiles] = useState<readonly GivenFile[]>(props.files)
  const [share, setShare] = useState(0)
  const owner = useOwner()
  const ending = useRef(new AbortController())
  useEffect(() => () => ending.current.abort(), [])
  const send = useMutation({
    mutationFn: async () => {
      setShare(0)
      const { signal } = ending.current
      return importBundle(await packBundle(files), { tenant: owner.tenant, onProgress: setShare, signal })
    },
    async onSuccess(bundle) {
      await firmwareChanged()
      props.onDone(bundle)
    },
  })
  const choose = (chosen: readonly File[]) => {
    setFiles(chosenFiles(chosen))
    send.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (files.length > 0 && !send.isPending) send.mutate()
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('import.title')}
      size={520}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <p className="sec">{t('import.text')}</p>
          <FileInput
            label={t('import.files')}
            placeholder={t('import.choose')}
            multiple
            clearable
            accept=".zip,.json,.bin,application/zip,application/json"
            value={files.map(({ file }) => file)}
            onChange={choose}
            disabled={send.isPending}
            data-autofocus
          />
          <OwnerSelect owner={owner} label={t('column.owner')} hint={t('import.ownerHint')} />
          {send.isPending && (
            <div>
              <Progress value={share * 100} aria-label={t('import.sending')} />
              <p className="sec small">
                {share < 1 ? t('import.sent', { percent: format.percent(share) }) : t('import.checking')}
              </p>
            </div>
          )}
          {send.error !== null && <ErrorNote error={send.error} />}
          <Group justify="flex-end">
            <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={send.isPending} disabled={files.length === 0}>
              {t('import.button')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
