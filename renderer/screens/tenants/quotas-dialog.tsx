import { NumberInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type TenantDetails, type TenantQuotas, TenantQuotasSchema } from '#contract/api/tenants.ts'
import { defaultQuotas } from '#contract/model/quota.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { DialogForm } from './dialog-form.tsx'
import css from './tenants.module.css'
import { tenantsChanged } from './use-tenants.ts'

const fields = [
  'gateways',
  'messagesPerHour',
  'storageDays',
  'messagesPerSecond',
  'burst',
  'gatewayMessagesPerSecond',
  'gatewayBurst',
] as const satisfies (keyof TenantQuotas)[]

/** What it may use. An empty field is the default. `plain`: without a word of whose it is. */
export function QuotasDialog(props: { tenant: TenantDetails; plain?: boolean; onClose(): void }) {
  const { t } = useTranslation(['tenants', 'common'])
  const format = useFormat()
  const { tenant } = props
  const [quotas, setQuotas] = useState<TenantQuotas>(tenant.quotas)
  const [left, setLeft] = useState(false)
  const save = useMutation({
    mutationFn: () => api.tenants.limit({ tenant: tenant.id, quotas }),
    async onSuccess() {
      await tenantsChanged()
      props.onClose()
    },
  })
  const isWrong = (field: keyof TenantQuotas) =>
    !TenantQuotasSchema.shape[field].safeParse(quotas[field]).success
  const placeholder = (field: keyof TenantQuotas) =>
    field === 'gateways' || field === 'messagesPerHour'
      ? t('quotas.default', { value: format.integer(defaultQuotas[field]) })
      : t(`quotas.none.${field}`)
  return (
    <DialogForm
      title={props.plain === true ? t('quotas.titlePlain') : t('quotas.title', { name: tenant.name })}
      button={t('common:action.save')}
      size={560}
      pending={save.isPending}
      error={save.error}
      onSubmit={() => {
        setLeft(true)
        if (!fields.some(isWrong)) save.mutate()
      }}
      onClose={props.onClose}
    >
      <p className="sec">{t('quotas.text')}</p>
      <div className={css.two}>
        {fields.map((field) => (
          <NumberInput
            key={field}
            label={t(`quotas.${field}`)}
            description={t(`quotas.hint.${field}`)}
            placeholder={placeholder(field)}
            value={quotas[field] ?? ''}
            min={0}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator=" "
            hideControls
            error={left && isWrong(field) ? t('quotas.wrong') : null}
            onChange={(value) =>
              setQuotas((before) => ({ ...before, [field]: typeof value === 'number' ? value : null }))
            }
            onBlur={() => setLeft(true)}
          />
        ))}
      </div>
    </DialogForm>
  )
}
