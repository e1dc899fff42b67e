import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { MqttClient } from '#contract/api/mqtt-clients.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import { besidePanel, phoneColumns, useClientColumns } from './client-columns.tsx'
import { type ClientAction, ClientPanel } from './client-panel.tsx'
import { ListenerNote } from './listener-note.tsx'
import css from './mqtt-clients.module.css'
import type { useMqttClients } from './use-mqtt-clients.ts'

/** Every client that the person may see, and the chosen one beside them. */
export function CredentialsTab(props: {
  query: ReturnType<typeof useMqttClients>
  search: Record<string, unknown>
  onSearch(next: Record<string, unknown>): void
  onCreate(): void
  onAction(action: ClientAction, client: MqttClient): void
}) {
  const { t } = useTranslation('mqtt-clients')
  const me = useMe()
  const { data, error, refetch } = props.query
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const all = useClientColumns()
  const columns = useMemo(() => (narrow ? phoneColumns(all) : all), [narrow, all])
  const sort = parseSort(
    props.search['sort'],
    columns.map(({ id }) => id),
    { column: 'name', direction: 'ascending' },
  )
  const rows = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
    return orderRows(data?.clients ?? [], sort.column, sortKey, sort.direction).rows
  }, [data, columns, sort.column, sort.direction])
  if (error !== null)
    return (
      <div className={css.inset}>
        <ErrorNote error={error} onRetry={() => void refetch()} />
      </div>
    )
  if (data === undefined) return <Skeleton />
  if (rows.length === 0)
    return (
      <div className={css.none}>
        <Empty
          title={t('empty.title')}
          text={t('empty.text')}
          action={
            <Button variant="filled" leftSection={<Icon name="plus" />} onClick={props.onCreate}>
              {t('create.open')}
            </Button>
          }
        />
      </div>
    )
  const chosen = rows.find(({ id }) => id === props.search['client'])
  return (
    <>
      {rows.some(({ hasPassword }) => hasPassword) && (
        <div className={css.inset}>
          <ListenerNote addresses={data.addresses} />
        </div>
      )}
      <div className={css.body}>
        {(!narrow || chosen === undefined) && (
          <DataTable
            label={t('title')}
            columns={chosen === undefined ? columns : besidePanel(columns)}
            rows={rows}
            sort={sort}
            onSort={(next) =>
              props.onSearch({ sort: sortText(next) === 'name' ? undefined : sortText(next) })
            }
            nameOf={({ name }) => name}
            onOpen={({ id }) => props.onSearch({ client: id })}
            activeId={chosen?.id ?? null}
            onActive={(id) => props.onSearch({ client: id ?? undefined })}
            empty={null}
            scrollId="mqtt-clients"
          />
        )}
        {chosen !== undefined && (
          <ClientPanel
            client={chosen}
            addresses={data.addresses}
            caPem={data.caPem}
            mayRenew={chosen.owner === null || chosen.owner.id === me?.id}
            onAction={(action) => props.onAction(action, chosen)}
            onClose={() => props.onSearch({ client: undefined })}
          />
        )}
      </div>
    </>
  )
}
