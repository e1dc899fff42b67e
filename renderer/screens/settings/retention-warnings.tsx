import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Storage } from '#contract/api/retention.ts'
import { BUDGET_WARNING_SHARE, HORIZON_WARNING_DAYS } from '#contract/model/retention.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Note } from '#renderer/ui/note.tsx'
import css from './retention.module.css'
import { retentionQuery } from './retention-queries.ts'

/** What is wrong or will be, each with what to do; and the budget as a bar. */
export function StorageWarnings({ storage }: { storage: Storage }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const classes = useQuery(retentionQuery).data?.classes ?? []
  const { totalBytes, budgetBytes, forecast } = storage
  const share = budgetBytes === null ? null : totalBytes / budgetBytes
  const tone = share === null || share < BUDGET_WARNING_SHARE ? undefined : share < 1 ? 'orange' : 'red'
  const damaged = storage.files.reduce((sum, { damagedBlocks }) => sum + damagedBlocks, 0)
  const isShort =
    forecast.limit === 'disk' && forecast.daysLeft !== null && forecast.daysLeft < HORIZON_WARNING_DAYS
  return (
    <>
      {share !== null && (
        <div className={css.bar} data-tone={tone}>
          <i style={{ width: `${Math.min(100, share * 100).toFixed(1)}%` }} />
        </div>
      )}
      {share !== null && tone !== undefined && (
        <Note
          tone={tone}
          title={
            tone === 'red'
              ? t('storage.warn.usedTitle')
              : t('storage.warn.nearTitle', { percent: format.percent(share) })
          }
        >
          {classes.some(({ evictable }) => evictable) ? t('storage.warn.evicts') : t('storage.warn.keeps')}
        </Note>
      )}
      {isShort && (
        <Note tone="orange" title={t('storage.warn.diskTitle')}>
          {t('storage.warn.disk')}
        </Note>
      )}
      {damaged > 0 && (
        <Note tone="red" title={t('storage.warn.damagedTitle', { count: damaged })}>
          {t('storage.warn.damaged')}
        </Note>
      )}
    </>
  )
}
