import { useTranslation } from 'react-i18next'
import type { FlashJob } from '#contract/model/flash.ts'
import { failurePlace } from './card-words.ts'

/** Where a job is, or how it ended, in the one or two words that a card shows large. */
export function useJobWord(): (job: FlashJob) => string {
  const { t } = useTranslation('bench')
  return (job) => {
    switch (job.state) {
      case 'running':
        if (job.kind === 'gateway' || job.step === 'connecting') return t(`step.${job.step}`)
        return t(`doing.${job.kind}`)
      case 'passed':
        return job.kind === 'gateway' ? t('done.gateway') : t(`done.${job.kind}`)
      case 'failed':
        return t(`failedAt.${failurePlace(job)}`)
      case 'cancelled':
        return t('jobState.cancelled')
      case 'skipped':
        return t('jobState.skipped')
      case 'interrupted':
        return t('jobState.interrupted')
    }
  }
}
