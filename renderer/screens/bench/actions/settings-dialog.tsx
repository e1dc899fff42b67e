import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import type { ActionDialogProps } from '../card-dialogs.tsx'
import { WifiField } from '../wifi-field.tsx'
import { ActionForm, TenantField } from './action-form.tsx'
import { useAct } from './use-act.ts'

/** The settings of the gateway that the board is, written anew; its firmware and Wi-Fi calibration stay. */
export function SettingsDialog(props: ActionDialogProps) {
  const { t } = useTranslation('bench')
  const { acting } = useTenants()
  const [tenant, setTenant] = useState(acting?.id ?? null)
  const [wifiId, setWifiId] = useState<string | null>(null)
  const act = useAct(props)
  return (
    <ActionForm
      title={t('settings.title', { name: props.port.name })}
      button={t('settings.button')}
      isBusy={act.isPending}
      error={act.error}
      onClose={props.onClose}
      onSubmit={() => act.mutate({ action: { kind: 'settings', wifiId }, tenant })}
    >
      <p>{t('settings.text')}</p>
      <p className="sec">{t('settings.keep')}</p>
      <TenantField value={tenant} onChange={setTenant} />
      <WifiField tenant={tenant} value={wifiId} onChange={setWifiId} />
    </ActionForm>
  )
}
