import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TenantDetails } from '#contract/api/tenants.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import { CreateTenantDialog } from './create-tenant-dialog.tsx'
import { phoneColumns, useTenantColumns } from './tenant-columns.tsx'
import { type TenantAction, TenantDialog } from './tenant-dialog.tsx'
import { TenantPanel } from './tenant-panel.tsx'
import css from './tenants.module.css'
import { useTenantDetails } from './use-tenants.ts'

/** Every organisation on the site, with what it uses of what it may. */
export function TenantsPage() {
  const { t } = useTranslation('tenants')
  const search: { look?: unknown; sort?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const query = useTenantDetails()
  const me = useMe()
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const all = useTenantColumns()
  const columns = useMemo(() => (narrow ? phoneColumns(all) : all), [narrow, all])
  const [creating, setCreating] = useState(false)
  const [action, setAction] = useState<{ action: TenantAction; tenant: TenantDetails } | null>(null)
  const sort = parseSort(
    search.sort,
    columns.map(({ id }) => id),
    { column: 'name', direction: 'ascending' },
  )
  const tenants = query.data?.tenants
  const rows = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
    return orderRows(tenants ?? [], sort.column, sortKey, sort.direction).rows
  }, [tenants, columns, sort.column, sort.direction])
  const shown = tenants?.find(({ slug }) => slug === search.look)
  const change = (next: Record<string, unknown>) =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...next }),
      replace: true,
    })
  const slugOf = (id: string | null) => tenants?.find((tenant) => tenant.id === id)?.slug
  return (
    <Page
      flush
      title={t('title')}
      beside={tenants !== undefined && <span className="sec">{t('count', { count: tenants.length })}</span>}
      actions={
        me?.ofSite === true && (
          <Button variant="filled" leftSection={<Icon name="plus" />} onClick={() => setCreating(true)}>
            {t('create.open')}
          </Button>
        )
      }
    >
      {query.error !== null && (
        <div className={css.inset}>
          <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {tenants === undefined ? (
        query.error === null && <Skeleton />
      ) : (
        <div className={css.body}>
          {(!narrow || shown === undefined) && (
            <DataTable
              label={t('title')}
              columns={columns}
              rows={rows}
              sort={sort}
              onSort={(next) => change({ sort: sortText(next) === 'name' ? undefined : sortText(next) })}
              nameOf={({ name }) => name}
              onOpen={({ slug }) =>
                void navigate({ to: '.', search: { groups: slug } as Record<string, unknown> } as never)
              }
              activeId={shown?.id ?? null}
              onActive={(id) => change({ look: slugOf(id) })}
              empty={<Empty title={t('empty.title')} text={t('empty.text')} />}
              scrollId="tenants"
            />
          )}
          {shown !== undefined && (
            <TenantPanel
              tenant={shown}
              onClose={() => change({ look: undefined })}
              onAction={(next) => setAction({ action: next, tenant: shown })}
            />
          )}
        </div>
      )}
      {creating && (
        <CreateTenantDialog
          onCreated={({ slug }) => change({ look: slug })}
          onClose={() => setCreating(false)}
        />
      )}
      {action !== null && <TenantDialog {...action} onClose={() => setAction(null)} />}
    </Page>
  )
}
