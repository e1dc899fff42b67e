import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { TenantDetails } from '#contract/api/tenants.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import type { Column } from '#renderer/ui/table/column.ts'
import css from './tenants.module.css'
import { isNear } from './usage.ts'

export function useTenantColumns(): Column<TenantDetails>[] {
  const { t } = useTranslation('tenants')
  const format = useFormat()
  return useMemo(() => {
    const share = (used: number, of: number) => (
      <span className={isNear(used, of) ? 't-yellow' : undefined}>
        {format.integer(used)} <span className="sub">/ {format.integer(of)}</span>
      </span>
    )
    const columns: Column<TenantDetails>[] = [
      {
        id: 'state',
        header: t('column.state'),
        width: '120px',
        sortKey: ({ state }) => (state === 'suspended' ? 0 : 1),
        cell: (row) => (
          <span className={css.state}>
            <StateMark mark={row.state === 'active' ? 'online' : 'suspended'} size={14} />
            {t(row.deletionAt === null ? `state.${row.state}` : 'state.ending')}
          </span>
        ),
        text: (row) => t(`state.${row.state}`),
      },
      {
        id: 'name',
        header: t('column.name'),
        width: 'minmax(140px, 2fr)',
        sortKey: ({ name }) => name.toLocaleLowerCase(),
        cell: ({ name }) => (
          <span className="strong" title={name}>
            {name}
          </span>
        ),
        text: ({ name }) => name,
      },
      {
        id: 'slug',
        header: t('column.slug'),
        width: 'minmax(110px, 1fr)',
        sortKey: ({ slug }) => slug,
        cell: ({ slug }) => <span className="mono sec">{slug}</span>,
        text: ({ slug }) => slug,
      },
      {
        id: 'gateways',
        header: t('column.gateways'),
        width: '128px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: ({ usage }) => usage.gateways,
        cell: ({ usage, allowed }) => share(usage.gateways, allowed.gateways),
        text: ({ usage }) => String(usage.gateways),
      },
      {
        id: 'messages',
        header: t('column.messages'),
        width: '176px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: ({ usage }) => usage.messagesThisHour,
        cell: ({ usage, allowed }) => share(usage.messagesThisHour, allowed.messagesPerHour),
        text: ({ usage }) => String(usage.messagesThisHour),
      },
      {
        id: 'storage',
        header: t('column.storage'),
        width: '112px',
        align: 'right',
        sortKey: ({ quotas }) => quotas.storageDays,
        cell: ({ quotas }) =>
          quotas.storageDays === null ? (
            <span className="sub">{NOTHING}</span>
          ) : (
            t('days', { count: quotas.storageDays })
          ),
        text: ({ quotas }) => String(quotas.storageDays ?? ''),
      },
      {
        id: 'people',
        header: t('column.people'),
        width: '88px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: ({ usage }) => usage.people,
        cell: ({ usage }) => format.integer(usage.people),
        text: ({ usage }) => String(usage.people),
      },
    ]
    return columns
  }, [t, format])
}

const phoneWidths: Record<string, string> = {
  name: 'minmax(96px, 1fr)',
  state: '116px',
  gateways: '104px',
}

export function phoneColumns(columns: readonly Column<TenantDetails>[]): Column<TenantDetails>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
