import { Button, Checkbox, SegmentedControl, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TenantDetails } from '#contract/api/tenants.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { DialogForm } from './dialog-form.tsx'
import { tenantsChanged } from './use-tenants.ts'

interface DialogProps {
  tenant: TenantDetails
  onClose(): void
}

function useExport(tenant: TenantDetails) {
  return useMutation({
    mutationFn: (format: 'csv' | 'parquet') => api.privacy.exportTenant({ tenant: tenant.id, format }),
  })
}

/** Everything of the tenant as one file, which a job writes. */
export function ExportDialog({ tenant, onClose }: DialogProps) {
  const { t } = useTranslation('tenants')
  const [format, setFormat] = useState<'csv' | 'parquet'>('csv')
  const start = useExport(tenant)
  return (
    <DialogForm
      title={t('export.title', { name: tenant.name })}
      button={t('export.button')}
      disabled={start.isSuccess}
      pending={start.isPending}
      error={start.error}
      onSubmit={() => start.mutate(format)}
      onClose={onClose}
    >
      <p>{t('export.text')}</p>
      <SegmentedControl
        aria-label={t('export.format')}
        value={format}
        data={[
          { value: 'csv', label: 'CSV' },
          { value: 'parquet', label: 'Parquet' },
        ]}
        onChange={(value) => setFormat(value === 'parquet' ? 'parquet' : 'csv')}
      />
      {start.isSuccess && <Note tone="info" title={t('export.started')} />}
    </DialogForm>
  )
}

/** Nothing brings a tenant back: first its data, then its short name, typed. */
export function DeleteDialog({ tenant, onClose }: DialogProps) {
  const { t } = useTranslation('tenants')
  const [typed, setTyped] = useState('')
  const [left, setLeft] = useState(false)
  const [withoutExport, setWithoutExport] = useState(false)
  const confirmed = typed.trim().toLowerCase() === tenant.slug
  const start = useExport(tenant)
  const remove = useMutation({
    mutationFn: () =>
      api.privacy.requestDeletion({ tenant: tenant.id, confirm: typed.trim(), withoutExport }),
    async onSuccess() {
      await tenantsChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('delete.title', { name: tenant.name })}
      button={t('delete.button')}
      danger
      disabled={!confirmed}
      pending={remove.isPending}
      error={remove.error}
      size={480}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t('delete.lose', { gateways: tenant.usage.gateways, people: tenant.usage.people })}</p>
      <p className="sec">{t('delete.grace')}</p>
      {start.isSuccess ? (
        <Note tone="info" title={t('export.started')} />
      ) : (
        <Button loading={start.isPending} onClick={() => start.mutate('csv')}>
          {t('delete.export')}
        </Button>
      )}
      {start.error !== null && <ErrorNote error={start.error} />}
      <Checkbox
        label={t('delete.withoutExport')}
        checked={withoutExport}
        onChange={(event) => setWithoutExport(event.currentTarget.checked)}
      />
      <TextInput
        label={t('suspend.type', { name: tenant.slug })}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setLeft(typed !== '')}
        error={left && !confirmed ? t('suspend.typeExpected', { name: tenant.slug }) : null}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
    </DialogForm>
  )
}

export function KeepDialog({ tenant, onClose }: DialogProps) {
  const { t } = useTranslation('tenants')
  const format = useFormat()
  const keep = useMutation({
    mutationFn: () => api.privacy.cancelDeletion({ tenant: tenant.id }),
    async onSuccess() {
      await tenantsChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('keep.title', { name: tenant.name })}
      button={t('keep.button')}
      pending={keep.isPending}
      error={keep.error}
      onSubmit={() => keep.mutate()}
      onClose={onClose}
    >
      <p>{t('keep.text', { at: tenant.deletionAt === null ? '' : format.dateTime(tenant.deletionAt) })}</p>
    </DialogForm>
  )
}
