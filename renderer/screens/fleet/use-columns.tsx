import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Group } from '#contract/api/groups.ts'
import { type FleetRow, type FleetStatus, fleetStatus } from '#contract/model/gateway.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { groupPath } from '#renderer/api/use-groups.ts'
import { useFormat } from '#renderer/ui/format.ts'
import type { Column } from '#renderer/ui/table/column.ts'
import { AgeCell, CertificateCell, CodeCell, RateCell, ReadingCell, StateCell, ValueCell } from './cells.tsx'
import { ageOf } from './fleet-filter.ts'
import type { ColumnId } from './fleet-search.ts'

export type FleetColumn = Column<FleetRow> & { id: ColumnId }

/** Worst first: what stands out belongs to the top. */
const stateRank = new Map(
  (['offline', 'refused', 'stale', 'waiting', 'online', 'suspended', 'revoked'] satisfies FleetStatus[]).map(
    (status, rank) => [status, rank],
  ),
)

const HIDDEN = 'millwright.fleet.hidden-columns'

/** Columns that the person took away; remembered on this machine. */
export function useHiddenColumns(): [ReadonlySet<string>, (id: string) => void] {
  const [hidden, set] = useState<ReadonlySet<string>>(
    () => new Set((localStorage.getItem(HIDDEN) ?? '').split(',').filter((id) => id !== '')),
  )
  const toggle = (id: string) => {
    const next = new Set(hidden)
    if (!next.delete(id)) next.add(id)
    localStorage.setItem(HIDDEN, [...next].join(','))
    set(next)
  }
  return [hidden, toggle]
}

/** Every column that this fleet can fill: no tenant where there is one, no firmware where none is known. */
export function useFleetColumns(options: {
  tenants: readonly { id: string; name: string }[]
  groups: ReadonlyMap<string, Group>
  hasFirmware: boolean
}): FleetColumn[] {
  const { t } = useTranslation(['fleet', 'common', 'refusals'])
  const format = useFormat()
  const { tenants, groups, hasFirmware } = options
  return useMemo(() => {
    const tenantNames = new Map(tenants.map(({ id, name }) => [id, name]))
    const cellWords = { t, format }
    const words = { on: t('common:value.on'), off: t('common:value.off') }
    const iso = (at: number | null) => (at === null ? '' : new Date(at).toISOString())
    const pathOf = (row: FleetRow) => {
      const group = groups.get(row.groupId ?? '')
      return group && groupPath(group)
    }
    const columns: (FleetColumn | null)[] = [
      {
        id: 'state',
        header: t('fleet:column.state'),
        width: '120px',
        sortKey: (row) => stateRank.get(fleetStatus(row, siteNow())) ?? 0,
        cell: (row) => <StateCell row={row} words={cellWords} />,
        text: (row) => t(`common:status.${fleetStatus(row, siteNow())}`),
      },
      {
        id: 'code',
        header: t('fleet:column.code'),
        width: 'minmax(84px, 0.5fr)',
        sortKey: (row) => row.code,
        cell: (row) => <CodeCell row={row} />,
        text: (row) => row.code,
      },
      {
        id: 'name',
        header: t('fleet:column.name'),
        width: 'minmax(120px, 1.2fr)',
        sortKey: (row) => row.name,
        cell: (row) => <span title={row.name}>{row.name}</span>,
        text: (row) => row.name,
      },
      tenants.length < 2
        ? null
        : {
            id: 'tenant',
            header: t('fleet:column.tenant'),
            width: 'minmax(110px, 1fr)',
            sortKey: (row) => tenantNames.get(row.tenantId) ?? null,
            cell: (row) => <span className="sec">{tenantNames.get(row.tenantId) ?? ''}</span>,
            text: (row) => tenantNames.get(row.tenantId) ?? '',
          },
      groups.size === 0
        ? null
        : {
            id: 'group',
            header: t('fleet:column.group'),
            width: 'minmax(110px, 1fr)',
            sortKey: (row) => pathOf(row) ?? null,
            cell: (row) => (
              <span className="sec" title={pathOf(row)}>
                {groups.get(row.groupId ?? '')?.name ?? ''}
              </span>
            ),
            text: (row) => pathOf(row) ?? '',
          },
      {
        id: 'reading',
        header: t('fleet:column.reading'),
        width: 'minmax(150px, 1.2fr)',
        sortKey: (row) => row.latest?.name ?? null,
        cell: (row) => <ReadingCell row={row} words={cellWords} />,
        text: (row) => row.latest?.name ?? '',
      },
      {
        id: 'value',
        header: t('fleet:column.value'),
        width: '140px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: (row) =>
          typeof row.latest?.value === 'boolean' ? Number(row.latest.value) : (row.latest?.value ?? null),
        cell: (row) => <ValueCell row={row} words={cellWords} />,
        text: (row) =>
          row.latest === null
            ? ''
            : `${format.value(row.latest.value, words)} ${row.latest.unit ?? ''}`.trim(),
      },
      {
        id: 'age',
        header: t('fleet:column.age'),
        width: '76px',
        align: 'right',
        firstDirection: 'descending',
        // Sorting by the time itself, turned round, keeps the order still while ages tick.
        sortKey: (row) => negative(ageOf(row, siteNow())),
        cell: (row) => <AgeCell row={row} words={cellWords} />,
        text: (row) => iso(ageOf(row, siteNow())),
      },
      {
        id: 'rate',
        header: t('fleet:column.rate'),
        width: '76px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: (row) => row.rate,
        cell: (row) => <RateCell row={row} words={cellWords} />,
        text: (row) => format.fixed(row.rate, 1),
      },
      hasFirmware
        ? {
            id: 'firmware',
            header: t('fleet:column.firmware'),
            width: '92px',
            align: 'right',
            sortKey: (row) => row.firmwareVersion,
            cell: (row) => (
              <span className={row.firmwareVersion === null ? 'sub' : 'sec'}>
                {row.firmwareVersion ?? '–'}
              </span>
            ),
            text: (row) => row.firmwareVersion ?? '',
          }
        : null,
      {
        id: 'certificate',
        header: t('fleet:column.certificate'),
        width: '168px',
        align: 'right',
        sortKey: (row) => row.certificateEnds,
        cell: (row) => <CertificateCell row={row} words={cellWords} />,
        text: (row) => iso(row.certificateEnds),
      },
    ]
    return columns.filter((column) => column !== null)
  }, [t, format, tenants, groups, hasFirmware])
}

function negative(value: number | null): number | null {
  return value === null ? null : -value
}

const phoneWidths: Partial<Record<ColumnId, string>> = {
  state: '116px',
  code: '80px',
  name: 'minmax(72px, 1fr)',
}

/** On a phone a row is what one looks for and how it is. */
export function phoneColumns(columns: readonly FleetColumn[]): FleetColumn[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
