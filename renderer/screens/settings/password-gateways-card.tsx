import { Switch } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { TenantDetails } from '#contract/api/tenants.ts'
import type { TenantRef } from '#contract/model/tenant-ref.ts'
import { api } from '#renderer/api/client.ts'
import { Card, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { PasswordGatewaysNote } from '../tenants/password-gateways-note.tsx'
import { tenantsChanged, useTenantDetails } from '../tenants/use-tenants.ts'
import css from './settings.module.css'

/** Whether gateways without a certificate are let in: of the tenant that the person acts in, or of the only one. */
export function PasswordGatewaysCard({ tenant }: { tenant: TenantRef }) {
  const { t } = useTranslation('tenants')
  const { data, error, refetch } = useTenantDetails()
  const details = data?.tenants.find(({ id }) => id === tenant.id)
  return (
    <Card title={t('passwordGateways.title')}>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {details === undefined ? error === null && <Skeleton /> : <Choice tenant={details} />}
    </Card>
  )
}

function Choice({ tenant }: { tenant: TenantDetails }) {
  const { t } = useTranslation('tenants')
  const save = useMutation({
    mutationFn: (passwordGateways: boolean) => api.tenants.update({ tenant: tenant.id, passwordGateways }),
    onSuccess: tenantsChanged,
  })
  return (
    <div className={css.form}>
      <Switch
        label={t('passwordGateways.allow')}
        description={t('passwordGateways.hint')}
        checked={save.isPending ? save.variables : tenant.passwordGateways.allowed}
        disabled={save.isPending}
        onChange={(event) => save.mutate(event.currentTarget.checked)}
      />
      <PasswordGatewaysNote of={tenant.passwordGateways} />
      {save.error !== null && <ErrorNote error={save.error} />}
    </div>
  )
}
