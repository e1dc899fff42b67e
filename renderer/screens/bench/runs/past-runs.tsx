import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BenchRun } from '#contract/model/flash.ts'
import { api } from '#renderer/api/client.ts'
import { useTenantScope, useTenants } from '#renderer/app/tenant-scope.ts'
import { type Format, useFormat } from '#renderer/ui/format.ts'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { type Column, parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import css from '../bench.module.css'
import { useStarter } from '../use-starter.ts'

const PAGE = 100

/** Runs that were, newest first. */
export function PastRunsScreen() {
  const { t } = useTranslation('bench')
  const navigate = useNavigate()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const tenant = useTenantScope().tenant?.slug
  const query = useInfiniteQuery({
    queryKey: ['bench', 'runs', tenant ?? null],
    queryFn: ({ signal, pageParam }) =>
      api.bench.runs(
        {
          limit: PAGE,
          ...(tenant !== undefined && { tenant }),
          ...(pageParam !== null && { before: pageParam }),
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  })
  const runs = useMemo(() => query.data?.pages.flatMap((page) => page.runs), [query.data])
  const columns = useRunColumns()
  const [active, setActive] = useState<string | null>(null)
  const sort = parseSort(
    search['sort'],
    columns.map(({ id }) => id),
    { column: 'started', direction: 'descending' },
  )
  const rows = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
    return orderRows(runs ?? [], sort.column, sortKey, sort.direction).rows
  }, [runs, columns, sort.column, sort.direction])
  return (
    <Page flush title={t('runs.title')} heading={<BenchHeading title={t('runs.title')} />}>
      {query.error !== null && (
        <div className={css.inset}>
          <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {runs === undefined && query.error === null && <Skeleton />}
      {runs !== undefined && (
        <div className={css.tableBody}>
          <DataTable
            label={t('runs.title')}
            columns={columns}
            rows={rows}
            sort={sort}
            onSort={(next) =>
              void navigate({
                to: '.',
                search: (before: Record<string, unknown>) => ({ ...before, sort: sortText(next) }),
                replace: true,
              } as never)
            }
            nameOf={({ name }) => name}
            onOpen={({ id }) => void navigate({ to: '/bench/runs/$runId', params: { runId: id } })}
            activeId={active}
            onActive={setActive}
            empty={
              <Empty
                title={t('runs.emptyTitle')}
                text={t('runs.emptyText')}
                action={
                  <Button variant="filled" renderRoot={(root) => <Link to="/bench" {...root} />}>
                    {t('runs.toBench')}
                  </Button>
                }
              />
            }
            scrollId="bench-runs"
          />
        </div>
      )}
      {query.hasNextPage && (
        <div className={css.inset}>
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('runs.older')}
          </Button>
        </div>
      )}
    </Page>
  )
}

/** `Bench / …`, the way back. */
export function BenchHeading({ title }: { title: string }) {
  const { t } = useTranslation('bench')
  return (
    <>
      <Link to="/bench" className="sub">
        {t('title')}
      </Link>
      <span className="sub" aria-hidden="true">
        /
      </span>
      <h1>{title}</h1>
    </>
  )
}

function useRunColumns(): readonly Column<BenchRun>[] {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const { several } = useTenants()
  const starterOf = useStarter()
  return useMemo(() => {
    const text = (
      id: string,
      header: string,
      width: string,
      of: (run: BenchRun) => string,
    ): Column<BenchRun> => ({
      id,
      header,
      width,
      sortKey: of,
      cell: of,
      text: of,
    })
    const all = [
      {
        ...text('name', t('runs.name'), '132px', ({ name }) => name),
        cell: (run: BenchRun) => (
          <Link to="/bench/runs/$runId" params={{ runId: run.id }} className="strong">
            {run.name}
          </Link>
        ),
      },
      ...(several
        ? [text('tenant', t('setup.tenant'), 'minmax(120px, 1fr)', ({ tenant }) => tenant.name)]
        : []),
      text('bundle', t('setup.bundle'), 'minmax(160px, 1.4fr)', ({ facts }) => facts.bundle),
      text('group', t('setup.group'), 'minmax(100px, 1fr)', ({ facts }) => facts.group ?? ''),
      text('state', t('runs.state'), '112px', ({ state }) => t(`runState.${state}`)),
      count('passed', t('jobState.passed'), ({ counts }) => counts.passed, format),
      count('failed', t('jobState.failed'), ({ counts }) => counts.failed, format),
      text('by', t('runs.by'), 'minmax(100px, 1fr)', starterOf),
      {
        ...text('started', t('runs.started'), '176px', ({ startedAt }) => format.dateTime(startedAt)),
        sortKey: ({ startedAt }: BenchRun) => startedAt.getTime(),
        firstDirection: 'descending' as const,
      },
    ]
    return all
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- who began a run is worded anew with the language, as `t` is
  }, [t, format, several])
}

function count(id: string, header: string, of: (run: BenchRun) => number, format: Format): Column<BenchRun> {
  const words = (run: BenchRun) => format.integer(of(run))
  return {
    id,
    header,
    width: '84px',
    align: 'right',
    sortKey: of,
    firstDirection: 'descending',
    cell: words,
    text: words,
  }
}
