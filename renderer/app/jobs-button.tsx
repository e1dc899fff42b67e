import { Drawer } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { hasEnded, type Job } from '#contract/model/job.ts'
import { jointProgress } from '../api/jobs-message.ts'
import { useJobs } from '../api/jobs-store.ts'
import { useFormat } from '../ui/format.ts'
import css from './jobs.module.css'
import { JobsList } from './jobs-list.tsx'
import { showJobs, useJobsShown } from './jobs-panel-state.ts'

/** Jobs in progress as a ring with percent; opens the list. Not there while there is no job. */
export function JobsButton() {
  const { t } = useTranslation('jobs')
  const { jobs } = useJobs()
  const isShown = useJobsShown()
  if (jobs.length === 0 && !isShown) return null
  return (
    <>
      <RingButton jobs={jobs} />
      <Drawer
        opened={isShown}
        onClose={() => showJobs(false)}
        position="right"
        size={440}
        title={t('title')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <JobsList jobs={jobs} />
      </Drawer>
    </>
  )
}

function RingButton({ jobs }: { jobs: readonly Job[] }) {
  const { t } = useTranslation('jobs')
  const format = useFormat()
  const active = jobs.filter(({ state }) => !hasEnded(state))
  const share = jointProgress(active)
  const percent = share === null ? '' : format.percent(Math.floor(share * 100) / 100)
  const words = active.length === 0 ? t('none') : t('active', { count: active.length, percent })
  return (
    <button
      type="button"
      className={css.button}
      aria-label={words}
      aria-haspopup="dialog"
      title={words}
      onClick={() => showJobs(true)}
    >
      <Ring share={active.length === 0 ? null : (share ?? 0)} />
      <span aria-hidden="true">{active.length === 0 ? t('short') : percent || t('short')}</span>
    </button>
  )
}

/** The circumference of the ring. */
const ROUND = 2 * Math.PI * 6

/** `share`: 0 to 1; null for no progress to show. */
function Ring({ share }: { share: number | null }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="var(--line-strong)"
        strokeOpacity=".4"
        strokeWidth="2.4"
      />
      {share !== null && (
        <circle
          cx="8"
          cy="8"
          r="6"
          fill="none"
          stroke="var(--accent)"
          strokeWidth="2.4"
          strokeDasharray={`${Math.max(0.5, share * ROUND)} ${ROUND}`}
          transform="rotate(-90 8 8)"
        />
      )}
    </svg>
  )
}
