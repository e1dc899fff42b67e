import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Empty, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import { nothingSelected, type Selection } from '#renderer/ui/table/selection.ts'
import css from '../cloud.module.css'
import { DiscardDialog } from './discard-dialog.tsx'
import { ExportButton } from './export-button.tsx'
import { columnsBesidePanel, phoneColumns, useLetterColumns } from './letter-columns.tsx'
import { LetterPanel } from './letter-panel.tsx'
import { useLetterWords } from './letter-words.ts'
import own from './refused.module.css'
import { deadLettersChanged, useDeadLetters } from './use-dead-letters.ts'

/** What the cloud, or this site, refused: with the reason, to be mended, sent again, or given up. */
export function RefusedTab(props: {
  status: CloudStatus
  search: Record<string, unknown>
  onSearch(next: Record<string, unknown>): void
}) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const words = useLetterWords()
  const { search, onSearch } = props
  const { letters, total, error, refetch, hasMore, more, isLoadingMore } = useDeadLetters(
    props.status.deadLetters,
  )
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const [selection, setSelection] = useState<Selection>(nothingSelected)
  const [discarded, setDiscarded] = useState<readonly string[] | null>(null)
  const all = useLetterColumns()
  const chosen = letters?.find(({ id }) => id === search['letter'])
  const isBeside = chosen !== undefined
  const columns = narrow ? phoneColumns(all) : isBeside ? columnsBesidePanel(all) : all
  const sort = parseSort(
    search['sort'],
    columns.map(({ id }) => id),
    { column: 'lastAt', direction: 'descending' },
  )
  const sortKey = all.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
  const { rows } = orderRows(letters ?? [], sort.column, sortKey, sort.direction)
  // Those that are gone meanwhile are not chosen any more.
  const ids = rows.filter(({ id }) => selection.ids.has(id)).map(({ id }) => id)
  const retry = useMutation({
    mutationFn: (which: readonly string[] | null) =>
      api.cloud.retryDeadLetters({ ids: which === null ? null : [...which] }),
    onSuccess: () => setSelection(nothingSelected),
    onSettled: deadLettersChanged,
  })
  if (error !== null && letters === undefined)
    return (
      <div className={css.stack}>
        <ErrorNote error={error} onRetry={refetch} />
      </div>
    )
  if (letters === undefined) return <Skeleton />
  if (letters.length === 0) return <Empty title={t('refused.empty')} text={t('refused.emptyText')} />
  return (
    <>
      <div className={own.bar} role="group" aria-label={t('tab.refused')}>
        <span className="sub">
          {ids.length > 0
            ? t('refused.chosen', { count: ids.length, shown: format.integer(ids.length) })
            : t('refused.total', { count: total, shown: format.integer(total) })}
        </span>
        <Button
          size="xs"
          loading={retry.isPending}
          onClick={() => retry.mutate(ids.length > 0 ? ids.slice(0, MOST_AT_ONCE) : null)}
        >
          {ids.length > 0 ? t('refused.retryChosen') : t('refused.retryAll')}
        </Button>
        {ids.length > 0 && (
          <Button size="xs" color="red" onClick={() => setDiscarded(ids.slice(0, MOST_AT_ONCE))}>
            {t('refused.discard')}
          </Button>
        )}
        <ExportButton letters={letters} hasMore={hasMore} columns={all} />
      </div>
      {(retry.error !== null || retry.data !== undefined) && (
        <div className={css.inset}>
          {retry.error !== null ? (
            <ErrorNote error={retry.error} />
          ) : (
            <Note
              tone="info"
              title={t('refused.retried', {
                count: retry.data?.retried ?? 0,
                shown: format.integer(retry.data?.retried ?? 0),
              })}
            />
          )}
        </div>
      )}
      <div className={own.body}>
        {(!narrow || chosen === undefined) && (
          <DataTable
            label={t('tab.refused')}
            columns={columns}
            rows={rows}
            sort={sort}
            onSort={(next) => onSearch({ sort: sortText(next) === '-lastAt' ? undefined : sortText(next) })}
            nameOf={words.name}
            onOpen={({ id }) => onSearch({ letter: id })}
            activeId={chosen?.id ?? null}
            onActive={(id) => onSearch({ letter: id ?? undefined })}
            selection={selection}
            onSelection={setSelection}
            empty={null}
            scrollId="cloud-refused"
          />
        )}
        {chosen !== undefined && (
          <LetterPanel
            key={chosen.id}
            letter={chosen}
            onRetry={() => retry.mutate([chosen.id])}
            onDiscard={() => setDiscarded([chosen.id])}
            onClose={() => onSearch({ letter: undefined })}
          />
        )}
      </div>
      {hasMore && (
        <div className={css.inset}>
          <Button size="xs" loading={isLoadingMore} onClick={more}>
            {t('refused.more', { shown: format.integer(letters.length), total: format.integer(total) })}
          </Button>
        </div>
      )}
      {discarded !== null && (
        <DiscardDialog
          ids={discarded}
          onDone={() => {
            setSelection(nothingSelected)
            setDiscarded(null)
            onSearch({ letter: undefined })
          }}
          onClose={() => setDiscarded(null)}
        />
      )}
    </>
  )
}

/** As many as the contract takes in one call. */
const MOST_AT_ONCE = 500
