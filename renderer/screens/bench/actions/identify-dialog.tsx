import { Modal } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import type { ActionDialogProps } from '../card-dialogs.tsx'
import { useAct } from './use-act.ts'

/** Asks the board who it is: nothing to choose, so it begins at once. */
export function IdentifyDialog(props: ActionDialogProps) {
  const { t } = useTranslation(['bench', 'common'])
  useFocusBack()
  const act = useAct(props)
  const { mutate } = act
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    mutate({ action: { kind: 'identify' } })
  }, [mutate])
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('identify.title', { name: props.port.name })}
      size={560}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      {act.error === null ? (
        <Skeleton height={120} />
      ) : (
        <ErrorNote error={act.error} onRetry={() => mutate({ action: { kind: 'identify' } })} />
      )}
    </Modal>
  )
}
