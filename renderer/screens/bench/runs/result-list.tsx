import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { LabelsDialog } from '#renderer/ui/labels/labels-dialog.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import css from '../bench.module.css'
import { useBench } from '../bench-store.ts'
import { JobDialog } from '../job-dialog.tsx'
import { saveResults } from '../save-bench-file.ts'
import { BenchHeading } from './past-runs.tsx'
import { useResultColumns } from './result-columns.tsx'

/** How each board of a run ended: pass and fail, to sort, to open, to take along. */
export function ResultListScreen() {
  const { t } = useTranslation('bench')
  const { runId = '' }: { runId?: string } = useParams({ strict: false })
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const { state } = useBench()
  const live = state.runs.get(runId)
  const query = useQuery({
    queryKey: ['bench', 'run', runId],
    queryFn: ({ signal }) => api.bench.run({ runId }, { signal }),
    staleTime: 0,
  })
  const run = live ?? query.data?.run
  const jobs = useMemo(() => {
    const known = new Map((query.data?.jobs ?? []).map((job) => [job.id, job]))
    for (const job of state.jobs.values()) if (job.runId === runId) known.set(job.id, job)
    return [...known.values()]
  }, [query.data, state.jobs, runId])
  const columns = useResultColumns()
  const sort = parseSort(
    search['sort'],
    columns.map(({ id }) => id),
    { column: 'started', direction: 'ascending' },
  )
  const rows = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
    return orderRows(jobs, sort.column, sortKey, sort.direction).rows
  }, [jobs, columns, sort.column, sort.direction])
  const [active, setActive] = useState<string | null>(null)
  const [opened, setOpened] = useState<string | null>(null)
  const [labels, setLabels] = useState(false)
  const title = run === undefined ? t('resultList') : t('results.title', { name: run.name })
  const save = useMutation({
    mutationFn: (as: 'csv' | 'pdf') =>
      saveResults(runId, as, `bench-${(run?.name ?? runId).replaceAll(' ', '-')}.${as}`),
  })
  const retry = useMutation({ mutationFn: () => api.bench.retryFailed({ runId }) })
  const made = jobs.flatMap(({ state: end, gateway }) =>
    end === 'passed' && gateway !== null && gateway.id !== null
      ? [{ id: gateway.id, code: gateway.code }]
      : [],
  )
  const failed = jobs.filter(({ state: end }) => end === 'failed').length
  const failure = query.error ?? save.error ?? retry.error
  const absent = retry.data?.absent ?? 0
  return (
    <Page
      flush
      title={title}
      heading={<BenchHeading title={title} />}
      beside={
        run !== undefined && (
          <span className="sec" role="status">
            {t('results.sum', {
              passed: run.counts.passed,
              failed: run.counts.failed,
              running: run.counts.running,
            })}
          </span>
        )
      }
      actions={
        <>
          {absent > 0 && (
            <span className="small t-orange" role="status">
              {t('retryFailed.absent', { count: absent })}
            </span>
          )}
          {run?.state === 'open' && failed > 0 && (
            <Button
              leftSection={<Icon name="refresh" />}
              loading={retry.isPending}
              onClick={() => retry.mutate()}
            >
              {t('retryFailed.button', { count: failed })}
            </Button>
          )}
          {made.length > 0 && (
            <Button leftSection={<Icon name="print" />} onClick={() => setLabels(true)}>
              {t('labelsAgain')}
            </Button>
          )}
          <Button
            leftSection={<Icon name="download" />}
            loading={save.isPending && save.variables === 'csv'}
            onClick={() => save.mutate('csv')}
          >
            {t('results.csv')}
          </Button>
          <Button
            leftSection={<Icon name="download" />}
            loading={save.isPending && save.variables === 'pdf'}
            onClick={() => save.mutate('pdf')}
          >
            {t('results.pdf')}
          </Button>
        </>
      }
    >
      {failure !== null && (
        <div className={css.inset}>
          <ErrorNote error={failure} />
        </div>
      )}
      {run === undefined && query.error === null && <Skeleton />}
      {run !== undefined && (
        <div className={css.tableBody}>
          <DataTable
            label={title}
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
            nameOf={({ gateway, port }) => gateway?.code ?? port.name}
            onOpen={({ id }) => setOpened(id)}
            activeId={active}
            onActive={setActive}
            empty={<Empty title={t('results.emptyTitle')} text={t('results.emptyText')} />}
            scrollId="bench-results"
          />
        </div>
      )}
      {opened !== null && (
        <JobDialog jobId={opened} live={state.jobs.get(opened)} onClose={() => setOpened(null)} />
      )}
      {labels && <LabelsDialog gateways={made} onClose={() => setLabels(false)} />}
    </Page>
  )
}
