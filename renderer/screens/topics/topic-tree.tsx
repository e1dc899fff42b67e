import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { type Format, NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { pageTime, parentOf, type ShownTopic, type TopicStore } from './topic-store.ts'
import css from './topics.module.css'

const ROW_HEIGHT = 28
const PAGE = 15

export interface TopicTreeProps {
  store: TopicStore
  rows: readonly ShownTopic[]
  active: string | null
  onActive(path: string): void
  onOpen(path: string, open: boolean): void
  /** Enter. */
  onEnter(): void
}

/**
 * The tree, as a table: twenty thousand rows cost as much as forty. Arrow keys move, open and close; Home, End, Page; Enter
 * goes to the message.
 */
export function TopicTree(props: TopicTreeProps) {
  const { t } = useTranslation('topics')
  const format = useFormat()
  const { rows, store, active } = props
  const siteTime = useNow()
  const now = pageTime()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    scrollPaddingStart: ROW_HEIGHT,
    paddingEnd: ROW_HEIGHT,
  })
  const at = active === null ? -1 : rows.findIndex(({ path }) => path === active)
  // What an address names comes into sight once it is there; from then on the person scrolls.
  const isFound = at !== -1
  useEffect(() => {
    if (isFound) virtual.scrollToIndex(at, { align: 'auto' })
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- not again whenever a row above comes or goes
  }, [isFound])
  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row === undefined) return
    props.onActive(row.path)
    virtual.scrollToIndex(rows.indexOf(row), { align: 'auto' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const act = keysOf(props, at, go)[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  const items = virtual.getVirtualItems()
  const isActiveShown = items.some(({ index }) => index === at)
  return (
    <div
      ref={scroller}
      className={css.tree}
      role="treegrid"
      aria-label={t('title')}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={isActiveShown ? rowId(at) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={`${css.row} ${css.head}`}>
          {(['topic', 'payload', 'rate', 'messages', 'age'] as const).map((column) => (
            <span key={column} role="columnheader" className={css[column]}>
              {t(`column.${column}`)}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={css.rows} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const shown = rows[index]
          const row = shown && store.row(shown.path)
          if (shown === undefined || row === undefined) return null
          const { last } = row
          const rate = store.rate(shown.path, now)
          return (
            <RowView
              key={shown.path}
              index={index}
              top={start}
              shown={shown}
              isParent={row.children > 0}
              isActive={index === at}
              gateway={row.gateway?.code ?? null}
              retained={row.retained}
              refused={row.refused > 0 ? t('refusedCount', { count: row.refused }) : null}
              isLastRefused={last !== null && last.refusal !== null}
              payload={last === null ? t('below', { count: row.topics }) : last.preview}
              isTopic={last !== null}
              rate={rateText(format, rate)}
              messages={format.integer(row.messages)}
              age={
                last === null ? '' : last.at === null ? NOTHING : format.age(Math.max(0, siteTime - last.at))
              }
              onActive={props.onActive}
              onOpen={props.onOpen}
            />
          )
        })}
      </div>
    </div>
  )
}

export function rateText(format: Format, rate: number): string {
  if (rate === 0) return ''
  return rate >= 10 ? format.integer(rate) : format.fixed(rate, rate >= 0.1 ? 1 : 2)
}

function rowId(index: number): string {
  return `topic-row-${index}`
}

function keysOf(
  { rows, onOpen, onEnter }: TopicTreeProps,
  at: number,
  go: (index: number) => void,
): Record<string, () => void> {
  const row = rows[at]
  const isParent = row !== undefined && row.row.children > 0
  return {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at === -1 ? 0 : at - 1),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    PageDown: () => go(at + PAGE),
    PageUp: () => go(at - PAGE),
    ArrowRight: () => {
      if (!isParent) return
      if (row.isOpen) go(at + 1)
      else onOpen(row.path, true)
    },
    ArrowLeft: () => {
      if (row === undefined) return
      if (isParent && row.isOpen) onOpen(row.path, false)
      else {
        const parent = parentOf(row.path)
        const above = parent === null ? -1 : rows.findIndex(({ path }) => path === parent)
        if (above !== -1) go(above)
      }
    },
    ...(row !== undefined && { Enter: onEnter }),
  }
}

interface RowViewProps {
  index: number
  top: number
  shown: ShownTopic
  isParent: boolean
  isActive: boolean
  gateway: string | null
  retained: boolean
  /** Of the refused messages at and below it. */
  refused: string | null
  isLastRefused: boolean
  payload: string
  isTopic: boolean
  rate: string
  messages: string
  age: string
  onActive(path: string): void
  onOpen(path: string, open: boolean): void
}

const RowView = memo(function RowView(props: RowViewProps) {
  const { t } = useTranslation('topics')
  const { shown, isParent } = props
  const { path, name, level, position, size, isOpen } = shown
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree handles the keys of its rows
    <div
      role="row"
      id={rowId(props.index)}
      className={css.row}
      aria-rowindex={props.index + 2}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={size}
      aria-expanded={isParent ? isOpen : undefined}
      aria-selected={props.isActive}
      style={{ transform: `translateY(${props.top}px)` }}
      onClick={() => props.onActive(path)}
      onDoubleClick={() => isParent && props.onOpen(path, !isOpen)}
    >
      <span role="gridcell" className={css.topic} style={{ paddingLeft: (level - 1) * 16 }}>
        {/* The pointer's short cut; the arrow keys open as well. */}
        <span
          className={css.fold}
          aria-hidden="true"
          onClick={(event) => {
            if (!isParent) return
            event.stopPropagation()
            props.onOpen(path, !isOpen)
          }}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          {isParent && <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />}
        </span>
        <span className={`${css.name} ellipsis`} title={path}>
          {name === '' ? <span className="sub">{t('emptyLevel')}</span> : name}
        </span>
        {props.gateway !== null && <span className={css.code}>{props.gateway}</span>}
        {props.retained && (
          <span className={css.tag} title={t('retainedHint')}>
            {t('retained')}
          </span>
        )}
        {props.refused !== null && (
          <span className={css.refused} title={props.refused}>
            <StateMark mark="refused" size={12} />
            <span className="visually-hidden">{props.refused}</span>
          </span>
        )}
      </span>
      <span
        role="gridcell"
        className={`${css.payload} ellipsis ${props.isTopic ? 'live-value' : css.summary}`}
        data-refused={props.isLastRefused || undefined}
      >
        {props.payload}
      </span>
      <span role="gridcell" className={`${css.rate} live-value`}>
        {props.rate}
      </span>
      <span role="gridcell" className={`${css.messages} live-value`}>
        {props.messages}
      </span>
      <span role="gridcell" className={`${css.age} sub`}>
        {props.age}
      </span>
    </div>
  )
})
