import { Button, Progress } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ImportedRow } from '#contract/model/gateway-import.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { jobError } from '#renderer/api/job-error.ts'
import { saveJobFile } from '#renderer/api/job-file.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import css from './import-gateways.module.css'
import { RowsTable } from './rows-table.tsx'
import { useImportResult } from './use-import.ts'

/** How far the job is; then what became of each row, the keys that wait, and the report. */
export function ResultCard({ jobId, onJob }: { jobId: string; onJob(jobId: string): void }) {
  const { t } = useTranslation(['import-gateways', 'common'])
  const format = useFormat()
  const navigate = useNavigate()
  const { job, rows, query, isLive } = useImportResult(jobId)
  const cancel = useMutation({ mutationFn: () => api.jobs.cancel({ jobId }) })
  const again = useMutation({
    mutationFn: () => api.jobs.retry({ jobId }),
    onSuccess: ({ id }) => onJob(id),
  })
  const report = useMutation({
    mutationFn: async () => job !== undefined && saveJobFile(job, new AbortController().signal),
  })
  if (query.error !== null) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
  if (job === undefined) return <Skeleton />
  const { done, total } = job.progress
  const count = (what: ImportedRow['outcome']) => rows?.filter(({ outcome }) => outcome === what).length ?? 0
  const failed = count('failed') + count(null)
  return (
    <>
      {rows !== undefined && <HandOver jobId={jobId} rows={rows} onChanged={() => void query.refetch()} />}
      <Card title={t('result.title', { file: job.subject })}>
        <div className={css.form}>
          {isLive ? (
            <>
              <p role="status">
                {t('result.running', { done: format.integer(done), total: format.integer(total ?? 0) })}
              </p>
              <Progress value={total ? (done / total) * 100 : 0} aria-label={t('result.progress')} />
              <p className="sec">{t('result.goesOn')}</p>
            </>
          ) : (
            rows !== undefined && (
              <p role="status">
                {t('result.sum', {
                  created: format.integer(count('created') + count('again')),
                  same: format.integer(count('same')),
                  failed: format.integer(failed),
                })}
              </p>
            )
          )}
          {job.error !== null && <ErrorNote error={jobError(job.error)} />}
          {[cancel, again, report].map(
            ({ error }) => error !== null && <ErrorNote key={String(error)} error={error} />,
          )}
          <div className={css.actions}>
            {isLive && (
              <Button loading={cancel.isPending} onClick={() => cancel.mutate()}>
                {t('common:action.cancel')}
              </Button>
            )}
            {!isLive && failed > 0 && (
              <Button loading={again.isPending} onClick={() => again.mutate()}>
                {t('result.again')}
              </Button>
            )}
            {job.file !== null && (
              <Button
                leftSection={<Icon name="download" size={14} />}
                loading={report.isPending}
                onClick={() => report.mutate()}
              >
                {t('result.report')}
              </Button>
            )}
          </div>
        </div>
        {rows !== undefined && rows.length > 0 && (
          <RowsTable
            label={t('result.rows')}
            rows={rows.map((row) => ({ ...row, what: row.outcome ?? 'waiting' }))}
            onOpen={({ line }) => {
              const gatewayId = rows.find((row) => row.line === line)?.gatewayId ?? null
              if (gatewayId !== null) void navigate({ to: '/gateways/$gatewayId', params: { gatewayId } })
            }}
          />
        )}
      </Card>
    </>
  )
}

/** While private keys wait: download them all, then say that they arrived. */
function HandOver(props: { jobId: string; rows: readonly ImportedRow[]; onChanged(): void }) {
  const { t } = useTranslation('import-gateways')
  const { jobId, rows, onChanged } = props
  const may = useMay('certificates:write')
  const waiting = rows.filter(({ credentialWaiting }) => credentialWaiting).length
  const download = useMutation({
    mutationFn: async () => {
      const file = await api.gateways.importCredentials({ jobId })
      return saveFile(file.name, file, 'application/zip')
    },
    onError: onChanged,
  })
  const received = useMutation({
    mutationFn: () => api.gateways.importReceived({ jobId }),
    onSettled: () => {
      onChanged()
      void queryClient.invalidateQueries({ queryKey: ['gateway'] })
    },
  })
  if (waiting === 0) return null
  const isSaved = typeof download.data === 'string'
  return (
    <>
      <Note
        tone="info"
        mark="waiting"
        title={t('keys.title', { count: waiting })}
        action={
          may && (
            <span className={css.actions}>
              <Button
                variant={isSaved ? 'default' : 'filled'}
                leftSection={<Icon name="download" size={14} />}
                loading={download.isPending}
                onClick={() => download.mutate()}
              >
                {t(isSaved ? 'keys.again' : 'keys.download')}
              </Button>
              <Button
                variant={isSaved ? 'filled' : 'default'}
                disabled={!isSaved}
                loading={received.isPending}
                onClick={() => received.mutate()}
              >
                {t('keys.received')}
              </Button>
            </span>
          )
        }
      >
        {t(isSaved ? 'keys.savedText' : 'keys.text')}
      </Note>
      {download.error !== null && <ErrorNote error={download.error} />}
      {received.error !== null && <ErrorNote error={received.error} />}
    </>
  )
}
