import { Select } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CLAIM_WINDOW_MOST, type ClaimWindow } from '#contract/api/claims.ts'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { claimsChanged } from './use-claims.ts'

const minutes = [15, 30, 60, 120, 240, CLAIM_WINDOW_MOST] as const
const MINUTE = 60_000

/** For whom, and how long from now on. */
export function WindowDialog({ window, onClose }: { window: ClaimWindow | null; onClose(): void }) {
  const { t } = useTranslation('claims')
  const format = useFormat()
  const { tenants, acting, several } = useTenants()
  const [tenant, setTenant] = useState<string | null>(
    window?.tenant.id ?? acting?.id ?? (several ? null : (tenants[0]?.id ?? null)),
  )
  const [length, setLength] = useState<number>(30)
  const open = useMutation({
    mutationFn: () => api.claims.openWindow({ minutes: length, ...(tenant !== null && { tenant }) }),
    onSuccess: () => {
      claimsChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t(window === null ? 'window.openTitle' : 'window.changeTitle')}
      button={t(window === null ? 'window.open' : 'window.changeButton')}
      pending={open.isPending}
      error={open.error}
      disabled={several && tenant === null}
      onSubmit={() => open.mutate()}
      onClose={onClose}
    >
      <p className="sec">{t('window.text')}</p>
      {several && window === null && (
        <Select
          label={t('field.tenant')}
          data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          value={tenant}
          onChange={setTenant}
          data-autofocus
        />
      )}
      <Select
        label={t('window.length')}
        data={minutes.map((value) => ({ value: String(value), label: format.span(value * MINUTE) }))}
        value={String(length)}
        onChange={(value) => setLength(Number(value ?? 30))}
      />
    </DialogForm>
  )
}
