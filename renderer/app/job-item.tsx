import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { hasEnded, type Job } from '#contract/model/job.ts'
import { api } from '../api/client.ts'
import { jobError } from '../api/job-error.ts'
import { saveJobFile } from '../api/job-file.ts'
import { timeLeft } from '../api/jobs-message.ts'
import { useFormat } from '../ui/format.ts'
import { ErrorNote } from '../ui/note.tsx'
import { useNow } from '../ui/now.ts'
import { StateMark } from '../ui/state-mark.tsx'
import { JobDetails } from './job-details.tsx'
import { useJobWords } from './job-words.ts'
import css from './jobs.module.css'

/** One job: what it is, how far it is or how it ended, and what can be done with it. */
export function JobItem({ job }: { job: Job }) {
  const { t } = useTranslation('jobs')
  const format = useFormat()
  const words = useJobWords()
  const now = useNow()
  const name = words.name(job)
  return (
    <li className={css.item}>
      <div className={css.line}>
        <span className={css.state}>
          <StateMark mark={words.mark(job)} />
          {t(`state.${job.state}`)}
        </span>
        <span
          className="sub small"
          title={`${format.dateTime(job.endedAt ?? job.createdAt)} (${format.utc(job.endedAt ?? job.createdAt)})`}
        >
          {t('ago', { age: format.age(now - (job.endedAt ?? job.createdAt)) })}
        </span>
      </div>
      <p className="strong">{name}</p>
      <p className="sec ellipsis" title={job.subject}>
        {job.subject}
      </p>
      {!hasEnded(job.state) && <Progress job={job} name={name} />}
      {job.state === 'done' && <p className="sec small">{words.result(job)}</p>}
      {job.error !== null && <ErrorNote error={jobError(job.error)} />}
      <Actions job={job} name={name} />
    </li>
  )
}

function Progress({ job, name }: { job: Job; name: string }) {
  const { t } = useTranslation('jobs')
  const format = useFormat()
  const now = useNow()
  const { done, total } = job.progress
  const share = total === null || total <= 0 ? null : Math.min(1, done / total)
  const left = timeLeft(job, now)
  return (
    <div className={css.progress}>
      <progress aria-label={name} {...(share === null ? {} : { value: share, max: 1 })} />
      <span className="small num">{share === null ? '' : format.percent(Math.floor(share * 100) / 100)}</span>
      {left !== null && <span className="sub small">{t('left', { span: format.span(left) })}</span>}
    </div>
  )
}

function Actions({ job, name }: { job: Job; name: string }) {
  const { t } = useTranslation(['jobs', 'common'])
  const [isShown, setShown] = useState(false)
  const about = `${name}, ${job.subject}`
  const run = useMutation({
    mutationFn: async (what: 'cancel' | 'retry' | 'delete' | 'save') => {
      if (what === 'save') await saveJobFile(job, new AbortController().signal)
      else await api.jobs[what]({ jobId: job.id })
    },
  })
  const button = (
    what: 'cancel' | 'retry' | 'delete' | 'save',
    variant: 'default' | 'filled' = 'default',
  ) => (
    <Button
      size="xs"
      variant={variant}
      loading={run.isPending && run.variables === what}
      aria-label={t(`action.${what}One`, { job: about })}
      onClick={() => run.mutate(what)}
    >
      {t(`action.${what}`)}
    </Button>
  )
  return (
    <>
      {isShown && <JobDetails job={job} />}
      {run.error !== null && <ErrorNote error={run.error} />}
      <div className={css.actions}>
        {job.file !== null && button('save', 'filled')}
        <Button
          size="xs"
          aria-expanded={isShown}
          aria-label={t('action.detailsOne', { job: about })}
          onClick={() => setShown(!isShown)}
        >
          {t('action.details')}
        </Button>
        {!hasEnded(job.state) && button('cancel')}
        {hasEnded(job.state) && job.state !== 'done' && button('retry')}
        {hasEnded(job.state) && button('delete')}
      </div>
    </>
  )
}
