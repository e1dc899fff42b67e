import { useMediaQuery } from '@mantine/hooks'
import { type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '#contract/api/firmware.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Empty, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import { phoneColumns, useBundleColumns } from './bundle-columns.tsx'
import { BundlePanel } from './bundle-panel.tsx'
import css from './firmware.module.css'
import { useBundles } from './use-firmware.ts'

/** The catalogue: a table, and the chosen bundle beside it. */
export function BundlesTab(props: {
  search: Record<string, unknown>
  mayWrite(of: { tenant: unknown }): boolean
  /** The button that imports one, where the person may. */
  add: ReactNode
  onSearch(next: Record<string, unknown>): void
  onRemove(bundle: FirmwareBundle): void
  onTrust(publicKey: string): void
}) {
  const { t } = useTranslation('firmware')
  const { search, onSearch } = props
  const { data: bundles, error, refetch } = useBundles()
  const { several, acting } = useTenants()
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const all = useBundleColumns(several && acting === null)
  const chosen = bundles?.find(({ id }) => id === search['bundle'])
  const isBeside = chosen !== undefined
  const columns = useMemo(() => {
    if (narrow) return phoneColumns(all)
    // Beside the panel, which says the others.
    return isBeside ? all.filter(({ id }) => id !== 'size' && id !== 'jobs') : all
  }, [narrow, all, isBeside])
  const sort = parseSort(
    search['sort'],
    columns.map(({ id }) => id),
    { column: 'imported', direction: 'descending' },
  )
  const rows = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey
    return sortKey === undefined
      ? (bundles ?? [])
      : orderRows(bundles ?? [], sort.column, sortKey, sort.direction).rows
  }, [bundles, columns, sort.column, sort.direction])
  return (
    <>
      {error !== null && (
        <div className={css.inset}>
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {bundles === undefined && error === null && <Skeleton />}
      {bundles?.length === 0 && <Empty title={t('empty.title')} text={t('empty.text')} action={props.add} />}
      {bundles !== undefined && bundles.length > 0 && (
        <div className={css.body}>
          {(!narrow || chosen === undefined) && (
            <DataTable
              label={t('title')}
              columns={columns}
              rows={rows}
              sort={sort}
              onSort={(next) =>
                onSearch({ sort: sortText(next) === '-imported' ? undefined : sortText(next) })
              }
              nameOf={({ name, version }) => `${name} ${version}`}
              onOpen={({ id }) => onSearch({ bundle: id })}
              activeId={chosen?.id ?? null}
              onActive={(id) => onSearch({ bundle: id ?? undefined })}
              empty={<Empty title={t('empty.title')} text={t('empty.text')} />}
              scrollId="firmware"
            />
          )}
          {chosen !== undefined && (
            <BundlePanel
              bundle={chosen}
              mayWrite={props.mayWrite(chosen)}
              onRemove={() => props.onRemove(chosen)}
              onTrust={props.onTrust}
              onClose={() => onSearch({ bundle: undefined })}
            />
          )}
        </div>
      )}
    </>
  )
}
