import { Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import type { ActionDialogProps } from '../card-dialogs.tsx'
import { useBundles } from '../use-setup.ts'
import { ActionForm, TenantField } from './action-form.tsx'
import { useAct } from './use-act.ts'

/** Firmware alone: who the gateway is stays in its settings. */
export function FirmwareDialog(props: ActionDialogProps) {
  const { t } = useTranslation('bench')
  const { acting } = useTenants()
  const [tenant, setTenant] = useState(acting?.id ?? null)
  const [chosen, setChosen] = useState<string | null>(null)
  const [tried, setTried] = useState(false)
  const { data: bundles, error } = useBundles(tenant)
  const bundleId = chosen ?? bundles?.[0]?.id ?? null
  const act = useAct(props)
  return (
    <ActionForm
      title={t('firmware.title', { name: props.port.name })}
      button={t('firmware.button')}
      isBusy={act.isPending}
      error={act.error ?? error}
      onClose={props.onClose}
      onSubmit={() => {
        setTried(true)
        if (bundleId !== null) act.mutate({ action: { kind: 'firmware', bundleId }, tenant })
      }}
    >
      <p>{t('firmware.text')}</p>
      <TenantField value={tenant} onChange={setTenant} />
      <Select
        label={t('setup.bundle')}
        data={(bundles ?? []).map(({ id, name, version }) => ({ value: id, label: `${name} ${version}` }))}
        value={bundleId}
        onChange={setChosen}
        error={tried && bundleId === null ? t('fault.bundle') : null}
        data-autofocus
      />
    </ActionForm>
  )
}
