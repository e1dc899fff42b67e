import { useTranslation } from 'react-i18next'
import { ErrorNote } from '#renderer/ui/note.tsx'
import type { Chart } from './use-chart.ts'

/** What stands over a plot that has nothing to draw: why, or nothing while the first answer is on its way. */
export function ChartCover({ chart, empty }: { chart: Chart; empty: boolean }) {
  const { t } = useTranslation('charts')
  if (chart.error !== null && chart.error !== undefined)
    return <ErrorNote error={chart.error} onRetry={chart.refresh} />
  if (empty && !chart.empty && !chart.loading) return t('empty')
  return null
}
