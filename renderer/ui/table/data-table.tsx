import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { writeClipboard } from '../copy-button.tsx'
import { Icon } from '../icon.tsx'
import { toTsv } from './as-text.ts'
import { type Column, nextSort, type Sort } from './column.ts'
import { allSelected, extend, nothingSelected, type Selection, toggle, toggleAll } from './selection.ts'
import css from './table.module.css'

const ROW_HEIGHT = 32

export interface DataTableProps<Row extends { id: string }> {
  label: string
  columns: readonly Column<Row>[]
  /** Sorted and filtered: the table only shows them. */
  rows: readonly Row[]
  sort: Sort
  onSort(sort: Sort): void
  /** Names a row for screen readers. */
  nameOf(row: Row): string
  /** Enter, or a double click. */
  onOpen(row: Row): void
  /** The row that the arrow keys stand on, and a click chose. */
  activeId: string | null
  onActive(id: string | null): void
  /** Absent: rows cannot be chosen. */
  selection?: Selection
  onSelection?(selection: Selection): void
  /** What stands in place of rows when there are none. */
  empty: ReactNode
  /** Where the list stood before, and the element's name for the router's scroll restoration. */
  scrollId?: string
  initialOffset?: number | undefined
}

/**
 * A virtual table: ten thousand rows cost as much as thirty. Arrow keys, Home, End, Page move; Enter opens; Space
 * chooses, with Shift a range; Ctrl-A all; Ctrl-C copies the chosen rows (or the active one) as TSV.
 */
export function DataTable<Row extends { id: string }>(props: DataTableProps<Row>) {
  const { t } = useTranslation('common')
  const { rows, columns, selection } = props
  const selectLabel = t('table.selectRow', { name: '{}' })
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    scrollPaddingStart: ROW_HEIGHT,
    paddingEnd: ROW_HEIGHT,
    ...(props.initialOffset === undefined ? {} : { initialOffset: props.initialOffset }),
  })
  const tracks = [...(selection === undefined ? [] : ['32px']), ...columns.map(({ width }) => width)].join(
    ' ',
  )
  const pick = usePick(props)
  const onKeyDown = useKeys(props, (index) => virtual.scrollToIndex(index, { align: 'auto' }))
  const items = virtual.getVirtualItems()
  // A row that is scrolled away is not in the page: nothing may point at it.
  const activeShown = props.activeId !== null && items.some((item) => rows[item.index]?.id === props.activeId)
  return (
    <div
      ref={scroller}
      className={css.scroller}
      role="grid"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + (selection === undefined ? 0 : 1)}
      aria-multiselectable={selection !== undefined}
      aria-activedescendant={activeShown ? rowId(props.activeId ?? '') : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      data-scroll-restoration-id={props.scrollId}
    >
      <div className={css.sheet}>
        <Head {...props} tracks={tracks} />
        <div className={css.body} role="rowgroup" style={{ height: Math.max(virtual.getTotalSize(), 0) }}>
          {items.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <RowView
                key={row.id}
                row={row}
                selectLabel={selectLabel.replace('{}', props.nameOf(row))}
                columns={columns as unknown as readonly Column<{ id: string }>[]}
                tracks={tracks}
                top={item.start}
                index={item.index}
                active={row.id === props.activeId}
                selected={selection?.ids.has(row.id) ?? null}
                pick={pick}
              />
            )
          })}
        </div>
      </div>
      {rows.length === 0 && (
        // A grid holds nothing but rows.
        <div role="row" className={css.none}>
          <div role="gridcell">{props.empty}</div>
        </div>
      )}
    </div>
  )
}

function Head<Row extends { id: string }>(props: DataTableProps<Row> & { tracks: string }) {
  const { t } = useTranslation('common')
  const { selection, rows } = props
  const all = selection !== undefined && allSelected(selection, rows)
  return (
    <div role="rowgroup" style={{ display: 'contents' }}>
      <div className={css.head} role="row" aria-rowindex={1} style={{ gridTemplateColumns: props.tracks }}>
        {selection !== undefined && (
          <div role="columnheader" className={css.headCell}>
            <label className={css.check}>
              <input
                type="checkbox"
                className={css.checkbox}
                aria-label={t('table.selectAll')}
                checked={all}
                ref={(box) => {
                  if (box !== null) box.indeterminate = !all && selection.ids.size > 0
                }}
                onChange={() => props.onSelection?.(toggleAll(selection, rows))}
              />
            </label>
          </div>
        )}
        {props.columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={`${css.cell} ${css.headCell} ${column.align === 'right' ? css.right : ''}`}
            aria-sort={props.sort.column === column.id ? props.sort.direction : undefined}
          >
            {column.sortKey === undefined ? (
              column.header
            ) : (
              <button
                type="button"
                className={css.sort}
                onClick={() => props.onSort(nextSort(column, props.sort))}
              >
                {column.header}
                {props.sort.column === column.id && (
                  <Icon name={props.sort.direction === 'ascending' ? 'arrow-up' : 'arrow-down'} size={12} />
                )}
              </button>
            )}
          </div>
        ))}
      </div>
    </div>
  )
}

interface Pick {
  click(id: string): void
  open(id: string): void
  check(id: string, range: boolean): void
}

interface RowViewProps {
  row: { id: string }
  selectLabel: string
  columns: readonly Column<{ id: string }>[]
  tracks: string
  top: number
  index: number
  active: boolean
  /** Null: the table has no selection. */
  selected: boolean | null
  pick: Pick
}

const RowView = memo(function RowView(props: RowViewProps) {
  const { row, pick } = props
  const shift = useRef(false)
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid handles the keys of its rows
    <div
      role="row"
      id={rowId(row.id)}
      className={css.row}
      aria-rowindex={props.index + 2}
      aria-selected={props.selected ?? undefined}
      data-active={props.active || undefined}
      style={{ gridTemplateColumns: props.tracks, transform: `translateY(${props.top}px)` }}
      onClick={(event) => {
        // The box is for choosing, not for looking.
        if (event.target instanceof Element && event.target.closest('label') !== null) return
        pick.click(row.id)
      }}
      onDoubleClick={() => pick.open(row.id)}
    >
      {props.selected !== null && (
        <div role="gridcell">
          <label
            className={css.check}
            onPointerDown={(event) => {
              shift.current = event.shiftKey
            }}
          >
            <input
              type="checkbox"
              className={css.checkbox}
              tabIndex={-1}
              aria-label={props.selectLabel}
              checked={props.selected}
              onChange={() => pick.check(row.id, shift.current)}
            />
          </label>
        </div>
      )}
      {props.columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={`${css.cell} ${column.align === 'right' ? css.right : ''}`}
        >
          {column.cell(row)}
        </div>
      ))}
    </div>
  )
})

/** Handlers that stay the same over renders, so that rows that did not change are not drawn again. */
function usePick<Row extends { id: string }>(props: DataTableProps<Row>): Pick {
  const latest = useRef(props)
  latest.current = props
  const [pick] = useState<Pick>(() => ({
    click: (id) => latest.current.onActive(id),
    open: (id) => {
      const row = latest.current.rows.find((one) => one.id === id)
      if (row !== undefined) latest.current.onOpen(row)
    },
    check: (id, range) => {
      const { selection, rows, onSelection } = latest.current
      if (selection === undefined) return
      onSelection?.(range ? extend(selection, id, rows) : toggle(selection, id))
    },
  }))
  return pick
}

function useKeys<Row extends { id: string }>(props: DataTableProps<Row>, scrollTo: (index: number) => void) {
  const pageOf = (event: KeyboardEvent<HTMLElement>) =>
    Math.max(1, Math.floor(event.currentTarget.clientHeight / ROW_HEIGHT) - 2)
  const move = (index: number) => {
    const bounded = Math.min(Math.max(index, 0), props.rows.length - 1)
    const row = props.rows[bounded]
    if (row === undefined) return
    props.onActive(row.id)
    scrollTo(bounded)
  }
  return (event: KeyboardEvent<HTMLElement>) => {
    // Keys meant for a button or a box inside the table are theirs.
    if (event.target !== event.currentTarget) return
    const { rows, selection, activeId } = props
    const at = rows.findIndex((row) => row.id === activeId)
    const active = rows[at]
    const command = event.ctrlKey || event.metaKey
    const acted = (() => {
      if (command && event.key.toLowerCase() === 'a' && selection !== undefined) {
        props.onSelection?.(toggleAll(nothingSelected, rows))
        return true
      }
      if (command && event.key.toLowerCase() === 'c' && String(getSelection() ?? '') === '') {
        const chosen = rows.filter((row) => selection?.ids.has(row.id))
        const copied = chosen.length > 0 ? chosen : active === undefined ? [] : [active]
        if (copied.length > 0) void writeClipboard(toTsv(props.columns, copied))
        return copied.length > 0
      }
      if (command || event.altKey) return false
      switch (event.key) {
        case 'ArrowDown':
          move(at + 1)
          return true
        case 'ArrowUp':
          move(at === -1 ? 0 : at - 1)
          return true
        case 'PageDown':
          move(at + pageOf(event))
          return true
        case 'PageUp':
          move(at - pageOf(event))
          return true
        case 'Home':
          move(0)
          return true
        case 'End':
          move(rows.length - 1)
          return true
        case 'Enter':
          if (active !== undefined) props.onOpen(active)
          return active !== undefined
        case ' ':
          if (active !== undefined && selection !== undefined) {
            props.onSelection?.(
              event.shiftKey ? extend(selection, active.id, rows) : toggle(selection, active.id),
            )
          }
          return true
        case 'Escape':
          if (selection !== undefined && selection.ids.size > 0) props.onSelection?.(nothingSelected)
          else props.onActive(null)
          return true
        default:
          return false
      }
    })()
    if (acted) event.preventDefault()
  }
}

function rowId(id: string): string {
  return `row-${id}`
}

/** `/` puts the cursor into the filter of the screen. */
export function useSlashFocus() {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target
      if (
        target instanceof HTMLElement &&
        target.matches('input, textarea, select, [contenteditable="true"]')
      )
        return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return input
}
