import { useTranslation } from 'react-i18next'
import type { CloudStatus, CloudTenantState } from '#contract/model/cloud.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import css from '../cloud.module.css'

/** What goes of each tenant. With one, the word is nowhere. */
export function TenantsCard({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const several = status.tenants.length > 1
  const title = t(several ? 'table.titleSeveral' : 'table.title')
  const columns = ['waiting', 'oldest', 'sent', 'bytes', 'lost', 'refused', 'conflicts', 'success'] as const
  return (
    <Card title={title}>
      <div className={css.scroll} role="region" aria-label={title} tabIndex={0}>
        <table className={css.table}>
          <thead>
            <tr>
              {several && <th scope="col">{t('table.tenant')}</th>}
              <th scope="col">{t('table.mode')}</th>
              <th scope="col">{t('table.from')}</th>
              {columns.map((column) => (
                <th key={column} scope="col" className={css.number}>
                  {t(`table.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {status.tenants.map((tenant) => (
              <Row key={tenant.tenantId} tenant={tenant} several={several} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

function Row({ tenant, several }: { tenant: CloudTenantState; several: boolean }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const now = useNow()
  const { backlog, mode, fromAt, lastSuccessAt } = tenant
  const isOff = mode === 'off'
  const number = (value: number | null) => (isOff || value === null ? NOTHING : format.integer(value))
  return (
    <tr className={isOff ? 'sub' : undefined}>
      {several && <th scope="row">{tenant.name}</th>}
      <td>{t(`mode.${mode}`)}</td>
      <td>
        {mode !== 'telemetry' ? (
          NOTHING
        ) : fromAt === null ? (
          t('table.all')
        ) : (
          <span title={format.utc(fromAt)}>{format.date(fromAt)}</span>
        )}
      </td>
      <td className={css.number}>{number(backlog.readings)}</td>
      <td className={css.number}>
        {isOff || backlog.oldestAt === null ? NOTHING : format.span(now - backlog.oldestAt)}
      </td>
      <td className={css.number}>{number(tenant.readingsSent)}</td>
      <td className={css.number}>{isOff ? NOTHING : format.bytes(tenant.bytesSent)}</td>
      <td className={tenant.readingsLost > 0 ? `${css.number} t-orange` : css.number}>
        {number(tenant.readingsLost)}
      </td>
      <td className={css.number}>{number(tenant.deadLetters)}</td>
      <td className={css.number}>{number(tenant.conflicts)}</td>
      <td className={css.number}>
        {lastSuccessAt === null ? (
          NOTHING
        ) : (
          <span title={format.dateTime(lastSuccessAt)}>
            {t('table.ago', { span: format.age(Math.max(0, now - lastSuccessAt)) })}
          </span>
        )}
      </td>
    </tr>
  )
}
