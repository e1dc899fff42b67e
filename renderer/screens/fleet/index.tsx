import { useMediaQuery } from '@mantine/hooks'
import { useElementScrollRestoration, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FleetRow } from '#contract/model/gateway.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { useGroups, withBelow } from '#renderer/api/use-groups.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import {
  type ActionGateway,
  type GatewayAction,
  GatewayActionDialog,
} from '#renderer/ui/gateway-actions/gateway-action-dialog.tsx'
import { PlaceDialog, type PlacedGateway } from '#renderer/ui/gateway-actions/place-dialog.tsx'
import { LabelsDialog } from '#renderer/ui/labels/labels-dialog.tsx'
import { Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import { toCsv } from '#renderer/ui/table/as-text.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { nothingSelected, type Selection } from '#renderer/ui/table/selection.ts'
import { BulkBar } from './bulk-bar.tsx'
import { FilterBar } from './filter-bar.tsx'
import css from './fleet.module.css'
import { HeadActions } from './head-actions.tsx'
import { NoGateway, NothingFound } from './nothing.tsx'
import { QuickLook } from './quick-look.tsx'
import { Tiles } from './tiles.tsx'
import { phoneColumns, useFleetColumns, useHiddenColumns } from './use-columns.tsx'
import { useFleetSearch } from './use-fleet-search.ts'
import { useShownFleet } from './use-shown-fleet.ts'

const SCROLL_ID = 'fleet'

/** Every gateway, live: filters saved as tiles, bulk actions, a quick look beside the table. */
export function FleetScreen() {
  const { t } = useTranslation('fleet')
  const navigate = useNavigate()
  const fleet = useFleet()
  const scope = useTenantScope()
  const groups = useGroups()
  const [search, setSearch] = useFleetSearch()
  const [selection, setSelection] = useState<Selection>(nothingSelected)
  const [action, setAction] = useState<{ action: GatewayAction; gateways: ActionGateway[] } | null>(null)
  const [placing, setPlacing] = useState<readonly PlacedGateway[] | null>(null)
  const [labelled, setLabelled] = useState<readonly FleetRow[] | null>(null)
  const [hidden, toggleColumn] = useHiddenColumns()
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const hasFirmware = useMemo(() => fleet.rows.some((row) => row.firmwareVersion !== null), [fleet.rows])
  const all = useFleetColumns({ tenants: scope.tenants, groups: groups.byId, hasFirmware })
  const columns = useMemo(
    () => (narrow ? phoneColumns(all) : all.filter(({ id }) => !hidden.has(id))),
    [all, narrow, hidden],
  )
  const groupIds = useMemo(
    () => (search.group === null || groups.list === null ? null : withBelow(groups.list, search.group)),
    [groups.list, search.group],
  )
  const shown = useShownFleet(fleet, search, scope.tenant?.id ?? null, groupIds, all)
  const scroll = useElementScrollRestoration({ id: SCROLL_ID })
  const look = search.look === null ? undefined : fleet.byId.get(search.look)
  const open = (row: FleetRow) => void navigate({ to: '/gateways/$gatewayId', params: { gatewayId: row.id } })
  const empty = fleet.ready && fleet.rows.length === 0

  return (
    <Page
      flush
      title={t('title')}
      beside={
        fleet.ready &&
        !empty && <FilterBar search={search} onSearch={setSearch} shown={shown} fleet={fleet} />
      }
      actions={
        <HeadActions
          columns={all}
          hidden={hidden}
          onToggleColumn={toggleColumn}
          onExport={() =>
            void saveFile(t('exportName'), `\uFEFF${toCsv(columns, shown.rows)}`, 'text/csv;charset=utf-8')
          }
          empty={empty}
        />
      }
    >
      {fleet.error !== undefined && (
        <div className={css.inset}>
          <ErrorNote error={fleet.error} />
        </div>
      )}
      {!fleet.ready && fleet.error === undefined && <Skeleton />}
      {empty && <NoGateway />}
      {fleet.ready && !empty && (
        <>
          <Tiles view={search.view} counts={shown.counts} onView={(view) => setSearch({ view })} />
          <div className={css.body}>
            <DataTable
              label={t('title')}
              columns={columns}
              rows={shown.rows}
              sort={search.sort}
              onSort={(sort) => setSearch({ sort })}
              nameOf={(row) => `${row.code} ${row.name}`}
              onOpen={open}
              activeId={search.look}
              onActive={(id) => {
                const row = narrow && id !== null ? fleet.byId.get(id) : undefined
                // A phone has no room for a look beside the table, nor for bulk actions.
                if (row === undefined) setSearch({ look: id })
                else open(row)
              }}
              {...(narrow ? {} : { selection, onSelection: setSelection })}
              empty={
                <NothingFound
                  onClear={() =>
                    setSearch({ view: 'all', text: '', group: null, firmware: null, dialect: null })
                  }
                />
              }
              scrollId={SCROLL_ID}
              initialOffset={scroll?.scrollY}
            />
            {look !== undefined && !narrow && (
              <QuickLook
                row={look}
                onClose={() => setSearch({ look: null })}
                onAction={(name) => setAction({ action: name, gateways: [look] })}
                onPlace={() => setPlacing([look])}
              />
            )}
          </div>
          <BulkBar
            fleet={fleet}
            selection={selection}
            columns={columns}
            shown={shown.rows}
            onClear={() => setSelection(nothingSelected)}
            onAction={(name, gateways) => setAction({ action: name, gateways })}
            onPlace={setPlacing}
            onLabels={setLabelled}
          />
        </>
      )}
      {labelled !== null && <LabelsDialog gateways={labelled} onClose={() => setLabelled(null)} />}
      {placing !== null && <PlaceDialog gateways={placing} onClose={() => setPlacing(null)} />}
      {action !== null && <GatewayActionDialog {...action} onClose={() => setAction(null)} />}
    </Page>
  )
}
