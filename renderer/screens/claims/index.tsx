import { Button, CloseButton, Select, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Knock } from '#contract/api/claims.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { DataTable, useSlashFocus } from '#renderer/ui/table/data-table.tsx'
import { type Ordered, orderRows } from '#renderer/ui/table/order.ts'
import { nothingSelected, type Selection } from '#renderer/ui/table/selection.ts'
import { ClaimDialog } from './claim-dialog.tsx'
import type { Box } from './claim-form.ts'
import { ClaimManyDialog } from './claim-many-dialog.tsx'
import { ClaimWindows } from './claim-windows.tsx'
import css from './claims.module.css'
import { type ClaimsSearch, shownStates } from './claims-search.ts'
import { DismissDialog } from './dismiss-dialog.tsx'
import { isClaimable, matchesText, nameOf } from './knock.ts'
import { besidePanel, type KnockColumn, phoneColumns, useKnockColumns } from './knock-columns.tsx'
import { KnockPanel } from './knock-panel.tsx'
import { NoKnocks } from './no-knocks.tsx'
import { useClaimChanges, useClaimWindows, useKnocks } from './use-claims.ts'
import { useClaimsSearch } from './use-claims-search.ts'

/** What is open over the screen. */
type Open =
  | { kind: 'claim'; box: Box | null }
  | { kind: 'many'; knocks: readonly Knock[]; all: boolean }
  | { kind: 'dismiss'; knock: Knock }

/** Boxes that knock, live, and what people do about them. */
export function ClaimsScreen() {
  const { t } = useTranslation('claims')
  const format = useFormat()
  const me = useMe()
  const [search, setSearch] = useClaimsSearch()
  const scope = useTenantScope()
  const { data, error, refetch } = useKnocks(search.state, scope.tenant?.slug ?? null)
  useClaimChanges(data?.knocks.length ?? 0)
  const [selection, setSelection] = useState<Selection>(nothingSelected)
  const [open, setOpen] = useOpen()
  const knocks = data?.knocks
  const waiting = search.state === 'waiting' ? (knocks ?? []).filter(isClaimable) : []
  // Of several with one name a person has to choose: claiming all leaves them out.
  const sure = waiting.filter(({ flagged }) => !flagged)
  // Chosen ones that are gone meanwhile are not chosen any more.
  const chosen = waiting.filter(({ id }) => selection.ids.has(id))
  const empty =
    knocks !== undefined && knocks.length === 0 && search.text === '' && search.state === 'waiting'
  const windows = useClaimWindows().data?.windows
  const isBlind = windows?.length === 0 && me?.reach !== 'site'
  const name = () => setOpen({ kind: 'claim', box: null })
  return (
    <Page
      flush
      title={t('title')}
      beside={<Filters search={search} onSearch={setSearch} count={knocks?.length ?? null} />}
      actions={
        <>
          <Button leftSection={<Icon name="qr" />} onClick={name}>
            {t('name.open')}
          </Button>
          {sure.length > 1 && (
            <Button variant="filled" onClick={() => setOpen({ kind: 'many', knocks: waiting, all: true })}>
              {t('many.openAll', { count: sure.length, shown: format.integer(sure.length) })}
            </Button>
          )}
        </>
      }
    >
      <ClaimWindows />
      {error !== null && (
        <div className={css.inset}>
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {knocks === undefined && error === null && <Skeleton />}
      {empty && <NoKnocks isBlind={isBlind} onName={name} />}
      {knocks !== undefined && !empty && (
        <Knocks
          knocks={knocks}
          selection={search.state === 'waiting' ? selection : null}
          onSelection={setSelection}
          onOpen={setOpen}
        />
      )}
      {chosen.length > 0 && (
        <div className={css.bulk} role="region" aria-label={t('bulk.label')}>
          <span className="strong" role="status">
            {t('bulk.selected', { count: chosen.length, shown: format.integer(chosen.length) })}
          </span>
          <Button variant="subtle" onClick={() => setSelection(nothingSelected)}>
            {t('bulk.clear')}
          </Button>
          <span className="push" />
          <Button variant="filled" onClick={() => setOpen({ kind: 'many', knocks: chosen, all: false })}>
            {t('many.open', { count: chosen.length, shown: format.integer(chosen.length) })}
          </Button>
        </div>
      )}
      <Dialogs
        open={open}
        knocks={knocks ?? []}
        onStarted={() => setSelection(nothingSelected)}
        onClose={() => setOpen(null)}
      />
    </Page>
  )
}

/** What is open; at first what the address asks for, as a QR code or a link brings it. */
function useOpen(): [Open | null, (open: Open | null) => void] {
  const asked: { token?: unknown; label?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const [open, setOpen] = useState<Open | null>(() => {
    const box = askedBox(asked)
    return box === null ? null : { kind: 'claim', box }
  })
  return [
    open,
    (next) => {
      setOpen(next)
      // A token has no business in the history once it was read.
      if (next === null && askedBox(asked) !== null)
        void navigate({
          to: '/claims',
          search: (before: Record<string, unknown>) => ({ ...before, token: undefined, label: undefined }),
          replace: true,
        })
    },
  ]
}

function askedBox({ token, label }: { token?: unknown; label?: unknown }): Box | null {
  if (typeof token === 'string' && token !== '') return { kind: 'token', token: token.slice(0, 200) }
  return typeof label === 'string' && label !== '' ? { kind: 'label', label: label.slice(0, 64) } : null
}

function Filters(props: {
  search: ClaimsSearch
  onSearch(part: Partial<ClaimsSearch>): void
  count: number | null
}) {
  const { t } = useTranslation('claims')
  const format = useFormat()
  const input = useSlashFocus()
  const { search, onSearch, count } = props
  return (
    <>
      <TextInput
        ref={input}
        className={css.filter ?? ''}
        aria-label={t('filter.label')}
        placeholder={t('filter.placeholder')}
        value={search.text}
        maxLength={100}
        onChange={(event) => onSearch({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onSearch({ text: '' })
        }}
        rightSection={
          search.text === '' ? null : (
            <CloseButton size="sm" aria-label={t('filter.clear')} onClick={() => onSearch({ text: '' })} />
          )
        }
      />
      <Select
        w={148}
        aria-label={t('filter.state')}
        data={shownStates.map((value) => ({ value, label: t(`state.${value}`) }))}
        value={search.state}
        onChange={(state) =>
          onSearch({ state: shownStates.find((one) => one === state) ?? 'waiting', box: null })
        }
      />
      {count !== null && (
        <span className="sub small" role="status">
          {t('filter.count', { count, shown: format.integer(count) })}
        </span>
      )}
    </>
  )
}

function Knocks(props: {
  knocks: readonly Knock[]
  /** Null: of these nothing can be done with many. */
  selection: Selection | null
  onSelection(selection: Selection): void
  onOpen(open: Open): void
}) {
  const { t } = useTranslation('claims')
  const [search, setSearch] = useClaimsSearch()
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const all = useKnockColumns()
  const shown = props.knocks.find(({ id }) => id === search.box)
  const columns = narrow ? phoneColumns(all) : shown === undefined ? all : besidePanel(all)
  const rows = useShown(props.knocks, all)
  const claim = (knock: Knock) => props.onOpen({ kind: 'claim', box: { kind: 'knock', knock } })
  const panel = shown !== undefined && (
    <KnockPanel
      knock={shown}
      onClaim={() => claim(shown)}
      onDismiss={() => props.onOpen({ kind: 'dismiss', knock: shown })}
      onClose={() => setSearch({ box: null })}
    />
  )
  if (narrow && panel !== false) return <div className={css.body}>{panel}</div>
  return (
    <div className={css.body}>
      <DataTable
        label={t('title')}
        columns={columns}
        rows={rows}
        sort={search.sort}
        onSort={(sort) => setSearch({ sort })}
        nameOf={nameOf}
        onOpen={(knock) => (isClaimable(knock) ? claim(knock) : setSearch({ box: knock.id }))}
        activeId={search.box}
        onActive={(box) => setSearch({ box })}
        {...(narrow || props.selection === null
          ? {}
          : { selection: props.selection, onSelection: props.onSelection })}
        empty={
          <Empty
            title={t('nothing.title')}
            text={t(search.text === '' ? 'nothing.state' : 'nothing.text')}
            action={
              search.text !== '' && (
                <Button onClick={() => setSearch({ text: '' })}>{t('filter.clear')}</Button>
              )
            }
          />
        }
        scrollId="claims"
      />
      {panel}
    </div>
  )
}

/** Filtered and sorted; an order that still holds is not made again. */
function useShown(knocks: readonly Knock[], columns: readonly KnockColumn[]): readonly Knock[] {
  const [search] = useClaimsSearch()
  const text = useDeferredValue(search.text)
  const { column, direction } = search.sort
  const before = useRef<Ordered<Knock> | undefined>(undefined)
  return useMemo(() => {
    const found = text === '' ? knocks : knocks.filter((knock) => matchesText(knock, text))
    const sortKey = columns.find(({ id }) => id === column)?.sortKey
    // They come newest first.
    if (sortKey === undefined || (column === 'first' && direction === 'descending')) return found
    before.current = orderRows(found, column, sortKey, direction, before.current)
    return before.current.rows
  }, [knocks, text, columns, column, direction])
}

function Dialogs(props: { open: Open | null; knocks: readonly Knock[]; onStarted(): void; onClose(): void }) {
  const { open, onClose } = props
  switch (open?.kind) {
    case 'claim':
      return <ClaimDialog box={open.box} knocks={props.knocks} onClose={onClose} />
    case 'many':
      return <ClaimManyDialog {...open} onStarted={props.onStarted} onClose={onClose} />
    case 'dismiss':
      return <DismissDialog knock={open.knock} onClose={onClose} />
    default:
      return null
  }
}
