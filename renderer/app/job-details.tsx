import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Job, JobLogLine } from '#contract/model/job.ts'
import { ImportReportSchema } from '#contract/model/telemetry-file.ts'
import { api } from '../api/client.ts'
import { useFormat } from '../ui/format.ts'
import { ImportReportView } from '../ui/import-report.tsx'
import { ErrorNote } from '../ui/note.tsx'
import css from './jobs.module.css'

/** Who began a job, what came of it in full, and what happened on the way. */
export function JobDetails({ job }: { job: Job }) {
  const { t } = useTranslation('jobs')
  const format = useFormat()
  const query = useQuery({
    // Asked again when it went on; until then the log is the same.
    queryKey: ['jobs', 'log', job.id, job.state],
    queryFn: ({ signal }) => api.jobs.get({ jobId: job.id }, { signal }),
  })
  const report = job.kind === 'telemetry.import' ? ImportReportSchema.safeParse(job.result) : null
  const words = ({ event, data }: JobLogLine): string =>
    t(`log.${event}`, {
      ...data,
      from: typeof data.from === 'number' ? format.dateTime(data.from) : '',
      to: typeof data.to === 'number' ? format.dateTime(data.to) : '',
      defaultValue: event,
    })
  return (
    <>
      {report?.success === true && <ImportReportView report={report.data} />}
      {query.error !== null && <ErrorNote error={query.error} />}
      <ol className={css.log}>
        <li>
          <time title={format.utc(job.createdAt)}>{format.clock(job.createdAt)}</time>
          <span>{t('log.created', { by: job.createdBy })}</span>
        </li>
        {(query.data?.log ?? []).map((line) => (
          <li key={`${line.at} ${line.event} ${JSON.stringify(line.data)}`}>
            <time title={format.utc(line.at)}>{format.clock(line.at)}</time>
            <span>{words(line)}</span>
          </li>
        ))}
      </ol>
    </>
  )
}
