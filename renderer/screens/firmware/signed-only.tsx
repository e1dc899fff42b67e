import { Select, Switch } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './firmware.module.css'
import { firmwareChanged, useFirmwareSettings } from './use-firmware.ts'

/** The setting of one tenant: flash nothing that no trusted publisher signed. */
export function SignedOnly() {
  const { t } = useTranslation('firmware')
  const me = useMe()
  const { tenants, several, acting } = useTenants()
  const [chosen, setChosen] = useState<string | null>(null)
  const tenant = acting?.slug ?? chosen ?? tenants[0]?.slug ?? null
  const mayWrite = useMay('firmware:write') && (me?.reach === 'site' || me?.reach === 'tenant')
  const { data: settings, error } = useFirmwareSettings(tenant)
  const change = useMutation({
    mutationFn: (signedOnly: boolean) =>
      api.firmware.updateSettings({ signedOnly, ...(tenant !== null && { tenant }) }),
    onSuccess: firmwareChanged,
  })
  if (tenant === null) return null
  const failure = error ?? change.error
  return (
    <Card>
      <div className={css.setting}>
        <Switch
          label={t('signedOnly.label')}
          description={t('signedOnly.hint')}
          checked={change.isPending ? change.variables : (settings?.signedOnly ?? false)}
          disabled={!mayWrite || settings === undefined || change.isPending}
          onChange={(event) => change.mutate(event.currentTarget.checked)}
        />
        {several && acting === null && (
          <Select
            aria-label={t('signedOnly.tenant')}
            data={tenants.map(({ slug, name }) => ({ value: slug, label: name }))}
            value={tenant}
            onChange={setChosen}
            allowDeselect={false}
          />
        )}
      </div>
      {failure !== null && <ErrorNote error={failure} />}
    </Card>
  )
}
