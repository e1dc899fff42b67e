import { useTranslation } from 'react-i18next'
import { Note } from '#renderer/ui/note.tsx'
import type { ActionDialogProps } from '../card-dialogs.tsx'
import { ActionForm } from './action-form.tsx'
import { useAct } from './use-act.ts'

/** The whole flash into a file. It holds what the board proves itself with. */
export function BackupDialog(props: ActionDialogProps) {
  const { t } = useTranslation('bench')
  const act = useAct(props)
  return (
    <ActionForm
      title={t('backup.title', { name: props.port.name })}
      button={t('backup.button')}
      isBusy={act.isPending}
      error={act.error}
      onClose={props.onClose}
      onSubmit={() => act.mutate({ action: { kind: 'backup' } })}
    >
      <p>{t('backup.text')}</p>
      <Note tone="yellow" title={t('backup.secretTitle')}>
        {t('backup.secretText')}
      </Note>
    </ActionForm>
  )
}
