import { useTranslation } from 'react-i18next'
import type { BenchRun } from '#contract/model/flash.ts'

/** What the site writes for whoever works at its own machine. */
const LOCAL_ACTOR = 'local site_admin'

/** Who began a run, in words. */
export function useStarter(): (run: BenchRun) => string {
  const { t } = useTranslation('bench')
  return ({ startedBy }) => (startedBy === LOCAL_ACTOR ? t('run.local') : startedBy)
}
