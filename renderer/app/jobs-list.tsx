import { useTranslation } from 'react-i18next'
import { hasEnded, type Job } from '#contract/model/job.ts'
import { JobItem } from './job-item.tsx'
import css from './jobs.module.css'

/** What is under way, then what ended. */
export function JobsList({ jobs }: { jobs: readonly Job[] }) {
  const { t } = useTranslation('jobs')
  const active = jobs.filter(({ state }) => !hasEnded(state))
  const ended = jobs.filter(({ state }) => hasEnded(state))
  if (jobs.length === 0) return <p className="sub">{t('empty')}</p>
  return (
    <div className={css.panel}>
      {active.length > 0 && (
        <section aria-label={t('underWay')}>
          <h3 className={css.heading}>{t('underWay')}</h3>
          <ul className={css.list}>
            {active.map((job) => (
              <JobItem key={job.id} job={job} />
            ))}
          </ul>
        </section>
      )}
      {ended.length > 0 && (
        <section aria-label={t('ended')}>
          <h3 className={css.heading}>{t('ended')}</h3>
          <ul className={css.list}>
            {ended.map((job) => (
              <JobItem key={job.id} job={job} />
            ))}
          </ul>
          <p className="sub small">{t('kept')}</p>
        </section>
      )}
    </div>
  )
}
