import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ActionDialogProps } from '../card-dialogs.tsx'
import { ActionForm } from './action-form.tsx'
import { useAct } from './use-act.ts'

/** Everything on the board is lost: the name of its port is typed. */
export function EraseDialog(props: ActionDialogProps) {
  const { t } = useTranslation('bench')
  const { name } = props.port
  const [typed, setTyped] = useState('')
  const [tried, setTried] = useState(false)
  const act = useAct(props)
  const isSure = typed.trim() === name
  return (
    <ActionForm
      title={t('erase.title', { name })}
      button={t('erase.button')}
      isGrave
      isBusy={act.isPending}
      error={act.error}
      onClose={props.onClose}
      onSubmit={() => {
        setTried(true)
        if (isSure) act.mutate({ action: { kind: 'erase' } })
      }}
    >
      <p>{t('erase.lose')}</p>
      <p className="sec">{t('erase.keep')}</p>
      <TextInput
        label={t('erase.type', { name })}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setTried(typed !== '')}
        error={tried && !isSure ? t('erase.typeExpected', { name }) : null}
      />
    </ActionForm>
  )
}
