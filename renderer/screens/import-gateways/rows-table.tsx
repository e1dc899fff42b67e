import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GatewayImportProblem, RowOutcome, RowVerdict } from '#contract/model/gateway-import.ts'
import { useErrorText } from '#renderer/api/client.ts'
import { jobError } from '#renderer/api/job-error.ts'
import type { Mark } from '#renderer/ui/state-mark.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import type { Column, Sort } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import css from './import-gateways.module.css'

/** A row before the import or after it. */
export interface ShownRow {
  line: number
  mac: string | null
  code: string
  name: string
  group: string | null
  profile: string | null
  problem: GatewayImportProblem | null
  /** What becomes of it, or became. */
  what: RowVerdict | RowOutcome | 'waiting'
}

const ROW_HEIGHT = 32

type TableRow = ShownRow & { id: string }

const marks: Record<ShownRow['what'], Mark> = {
  new: 'passed',
  created: 'passed',
  again: 'due',
  same: 'online',
  problem: 'failed',
  failed: 'failed',
  waiting: 'waiting',
}
/** What needs a person comes first. */
const ranks: Record<ShownRow['what'], number> = {
  problem: 0,
  failed: 0,
  waiting: 1,
  again: 2,
  new: 3,
  created: 3,
  same: 4,
}

/** Each row of the file with its verdict, ten thousand as quick as ten. */
export function RowsTable({
  rows,
  label,
  onOpen,
}: {
  rows: readonly ShownRow[]
  label: string
  onOpen?(row: ShownRow): void
}) {
  const columns = useColumns()
  const [sort, setSort] = useState<Sort>({ column: 'what', direction: 'ascending' })
  const [active, setActive] = useState<string | null>(null)
  const sorted = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (({ line }) => line)
    const named = rows.map((row): TableRow => ({ ...row, id: String(row.line) }))
    return orderRows(named, sort.column, sortKey, sort.direction).rows
  }, [rows, columns, sort])
  return (
    // As high as its rows, and their header; more of them scroll.
    <div className={css.table} style={{ height: (rows.length + 3) * ROW_HEIGHT }}>
      <DataTable
        label={label}
        columns={columns}
        rows={sorted}
        sort={sort}
        onSort={setSort}
        nameOf={({ line, code }) => `${line} ${code}`}
        onOpen={(row) => onOpen?.(row)}
        activeId={active}
        onActive={setActive}
        empty={null}
      />
    </div>
  )
}

function useColumns(): readonly Column<TableRow>[] {
  const { t } = useTranslation('import-gateways')
  const errorText = useErrorText()
  return useMemo(() => {
    const plain = (id: 'code' | 'mac' | 'name' | 'group' | 'profile', width: string): Column<TableRow> => ({
      id,
      header: t(`column.${id}`),
      width,
      sortKey: (row) => row[id],
      cell: (row) => <span className={id === 'mac' ? 'mono ellipsis' : 'ellipsis'}>{row[id] ?? ''}</span>,
      text: (row) => row[id] ?? '',
    })
    const why = ({ problem }: TableRow) => (problem === null ? '' : errorText(jobError(problem)).what)
    return [
      {
        id: 'line',
        header: t('column.line'),
        width: '64px',
        align: 'right',
        sortKey: ({ line }) => line,
        cell: ({ line }) => line,
        text: ({ line }) => String(line),
      },
      plain('code', '120px'),
      {
        id: 'what',
        header: t('column.what'),
        width: '160px',
        sortKey: ({ what, line }) => ranks[what] * 100_000 + line,
        cell: ({ what }) => (
          <span className="state">
            <StateMark mark={marks[what]} />
            {t(`what.${what}`)}
          </span>
        ),
        text: ({ what }) => t(`what.${what}`),
      },
      {
        id: 'why',
        header: t('column.why'),
        width: 'minmax(220px, 3fr)',
        cell: (row) => (
          <span className="ellipsis" title={why(row)}>
            {why(row)}
          </span>
        ),
        text: why,
      },
      plain('mac', '150px'),
      plain('name', 'minmax(120px, 2fr)'),
      plain('group', 'minmax(100px, 1fr)'),
      plain('profile', '120px'),
    ]
    // Words change with the language alone.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [t])
}
