import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MqttConnection } from '#contract/api/mqtt-clients.ts'
import { api } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Empty, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import type { Sort } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { type ConnectionRow, phoneConnectionColumns, useConnectionColumns } from './connection-columns.tsx'
import css from './mqtt-clients.module.css'
import { useConnections } from './use-mqtt-clients.ts'

/** Everyone who is connected now: clients and, for those who see them, gateways. */
export function ConnectedTab() {
  const { t } = useTranslation('mqtt-clients')
  const { value, error } = useConnections()
  const narrow = useMediaQuery('(max-width: 900px)') ?? false
  const [sort, setSort] = useState<Sort>({ column: 'since', direction: 'descending' })
  const [chosen, setChosen] = useState<string | null>(null)
  const [ending, setEnding] = useState<MqttConnection | null>(null)
  const mayEndGateways = useMay('gateways:write')
  const all = useConnectionColumns({ mayEndGateways, onEnd: setEnding })
  const columns = useMemo(() => (narrow ? phoneConnectionColumns(all) : all), [narrow, all])
  const rows = useMemo(() => {
    const found = (value?.connections ?? []).map((connection) => ({
      ...connection,
      key: connection.id,
      id: connection.connectionId,
    }))
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
    return orderRows<ConnectionRow>(found, sort.column, sortKey, sort.direction).rows
  }, [value, columns, sort])
  if (error !== undefined)
    return (
      <div className={css.inset}>
        <ErrorNote error={error} />
      </div>
    )
  if (value === undefined) return <Skeleton />
  if (rows.length === 0)
    return (
      <div className={css.none}>
        <Empty
          title={t('connected.empty')}
          text={t('connected.emptyText')}
          action={
            <Button component={Link} to="/fleet">
              {t('connected.fleet')}
            </Button>
          }
        />
      </div>
    )
  return (
    <div className={css.body}>
      <DataTable
        label={t('connected.title')}
        columns={columns}
        rows={rows}
        sort={sort}
        onSort={setSort}
        nameOf={({ name, mqttClientId }) => `${name} ${mqttClientId}`}
        onOpen={({ id }) => setChosen(id)}
        activeId={chosen}
        onActive={setChosen}
        empty={null}
        scrollId="mqtt-connections"
      />
      {ending !== null && <EndDialog connection={ending} onClose={() => setEnding(null)} />}
    </div>
  )
}

function EndDialog({ connection, onClose }: { connection: MqttConnection; onClose(): void }) {
  const { t } = useTranslation('mqtt-clients')
  const end = useMutation({
    mutationFn: () => api.mqttClients.disconnect({ connectionId: connection.connectionId }),
    onSuccess: onClose,
  })
  return (
    <DialogForm
      title={t('disconnect.title', { name: connection.name })}
      button={t('disconnect.button')}
      danger
      pending={end.isPending}
      error={end.error}
      onSubmit={() => end.mutate()}
      onClose={onClose}
    >
      <p>{t(connection.kind === 'gateway' ? 'disconnect.gateway' : 'disconnect.text')}</p>
    </DialogForm>
  )
}
