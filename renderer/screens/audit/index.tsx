import { ActionIcon, Button } from '@mantine/core'
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks'
import { type UIEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queryClient } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import css from './audit.module.css'
import { type AuditSearch, filterOf, noFilter } from './audit-search.ts'
import { ChainLine } from './chain-line.tsx'
import { phoneColumns, useEntryColumns } from './entry-columns.tsx'
import { EntryPanel } from './entry-panel.tsx'
import { ExportMenu } from './export-menu.tsx'
import { FilterBar } from './filter-bar.tsx'
import { useAuditSearch } from './use-audit-search.ts'
import { useEntries } from './use-entries.ts'

/** Older entries are asked for this far before the end of those that are there, pixels. */
const AHEAD = 1_200
const newestFirst = { column: 'time', direction: 'descending' } as const

/** Who did what and who was refused: filters in the address, one entry beside the table, the proof of the chain. */
export function AuditScreen() {
  const { t } = useTranslation('audit')
  const scope = useTenantScope()
  const [search, setSearch] = useAuditSearch()
  const [told, setTold] = useState<{ error: unknown } | 'started' | null>(null)
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  // As text, so that an entry that is looked at asks for nothing anew; a period is counted back once, not with every paint.
  const [wanted] = useDebouncedValue(JSON.stringify({ ...search, entry: null }), 250)
  const tenant = scope.tenant?.slug ?? null
  const filter = useMemo(
    () => filterOf(JSON.parse(wanted) as AuditSearch, tenant, siteNow()),
    [wanted, tenant],
  )
  const entries = useEntries(filter)
  const all = useEntryColumns(scope.several)
  const columns = useMemo(() => (narrow ? phoneColumns(all) : all), [narrow, all])
  const shown = entries.rows.find(({ seq }) => seq === search.entry)
  const more = (event: UIEvent<HTMLElement>) => {
    const { scrollHeight, scrollTop, clientHeight } = event.target as HTMLElement
    if (scrollHeight - scrollTop - clientHeight > AHEAD) return
    if (entries.hasNextPage && !entries.isFetching) void entries.fetchNextPage()
  }
  const isFiltered = Object.keys(filter).length > 0
  return (
    <Page
      flush
      title={t('title')}
      beside={<FilterBar search={search} onSearch={setSearch} rows={entries.rows} />}
      actions={
        <>
          <ActionIcon
            aria-label={t('refresh')}
            title={t('refresh')}
            onClick={() => void queryClient.resetQueries({ queryKey: ['audit'] })}
          >
            <Icon name="refresh" />
          </ActionIcon>
          <ExportMenu
            filter={() => filter}
            onStarted={() => setTold('started')}
            onError={(error) => setTold({ error })}
          />
        </>
      }
    >
      <ChainLine />
      {told === 'started' && (
        <div className={css.inset}>
          <Note
            tone="info"
            title={t('export.started')}
            action={
              <button type="button" className="link-button" onClick={() => setTold(null)}>
                {t('export.understood')}
              </button>
            }
          >
            {t('export.startedHint')}
          </Note>
        </div>
      )}
      {told !== null && told !== 'started' && (
        <div className={css.inset}>
          <ErrorNote error={told.error} />
        </div>
      )}
      {entries.error !== null && (
        <div className={css.inset}>
          <ErrorNote error={entries.error} onRetry={() => void entries.refetch()} />
        </div>
      )}
      {entries.isPending && <Skeleton />}
      {entries.data !== undefined && (
        <div className={css.body}>
          <div className={css.list} onScrollCapture={more} data-behind={shown !== undefined}>
            <DataTable
              label={t('title')}
              columns={columns}
              rows={entries.rows}
              sort={newestFirst}
              onSort={() => {}}
              nameOf={({ action, seq }) => `${action} ${seq}`}
              onOpen={({ seq }) => setSearch({ entry: seq })}
              activeId={search.entry === null ? null : String(search.entry)}
              onActive={(id) => setSearch({ entry: id === null ? null : Number(id) })}
              empty={
                <Empty
                  title={isFiltered ? t('none.filtered') : t('none.title')}
                  text={isFiltered ? t('none.filteredText') : t('none.text')}
                  action={
                    isFiltered && (
                      <Button
                        onClick={() => {
                          setSearch(noFilter)
                          if (scope.tenant !== null) scope.choose(null)
                        }}
                      >
                        {t('none.clear')}
                      </Button>
                    )
                  }
                />
              }
              scrollId="audit"
            />
          </div>
          {shown !== undefined && (
            <EntryPanel entry={shown} onSearch={setSearch} onClose={() => setSearch({ entry: null })} />
          )}
        </div>
      )}
    </Page>
  )
}
