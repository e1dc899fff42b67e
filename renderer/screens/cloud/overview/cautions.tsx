import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Note } from '#renderer/ui/note.tsx'
import { clockDifference } from '../state-words.ts'
import { TenantProblem } from './tenant-problem.tsx'

/** What is not as it should be though the link works: tenants that are not sent, readings that were lost, clocks that differ. */
export function Cautions({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const difference = clockDifference(status.clockOffset)
  const lost = status.tenants.reduce((sum, tenant) => sum + tenant.readingsLost, 0)
  return (
    <>
      {status.tenants.map(
        (tenant) =>
          tenant.problem !== null && (
            <TenantProblem
              key={tenant.tenantId}
              tenant={tenant}
              problem={tenant.problem}
              several={status.tenants.length > 1}
            />
          ),
      )}
      {lost > 0 && (
        <Note tone="orange" title={t('lost.title', { count: lost, shown: format.integer(lost) })}>
          {t('lost.text')}
        </Note>
      )}
      {difference !== null && (
        <Note
          tone="yellow"
          title={t(difference > 0 ? 'clock.ahead' : 'clock.behind', {
            span: format.span(Math.abs(difference)),
          })}
        >
          {t('clock.todo')}
        </Note>
      )}
    </>
  )
}
