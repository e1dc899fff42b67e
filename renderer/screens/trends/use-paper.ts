import { useCallback, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Annotation } from '#contract/api/annotations.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import type { ChartData } from '#renderer/charts/chart-data.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import { useChartWords } from '#renderer/charts/use-chart-words.ts'
import { regionalLocale, useFormat } from '#renderer/ui/format.ts'
import type { Paper } from './paper.ts'
import type { TrendChannel } from './use-trend-channels.ts'
import type { Figures } from './use-window-figures.ts'

export interface PaperSource {
  title: string
  site: string
  window: TimeWindow
  data: ChartData
  channels: readonly TrendChannel[]
  focus: string | null
  bands: boolean
  figures: ReadonlyMap<string, Figures>
  earlier: ReadonlyMap<string, Figures>
  offset: number | null
  annotations: readonly Annotation[]
}

/** Puts what is shown on paper when it is asked for; null where there is nothing. */
export function usePaper(source: PaperSource): () => Paper | null {
  const { t, i18n } = useTranslation('trends')
  const format = useFormat()
  const words = useChartWords()
  const make = (): Paper | null => {
    const { channels, data, figures, earlier, offset } = source
    if (channels.length === 0) return null
    return {
      ...source,
      locale: regionalLocale(i18n.language),
      words,
      format,
      rows: data.channels.map((channel, index) => ({
        channel,
        gateway: [channels[index]?.gatewayCode, channels[index]?.gatewayName].filter(Boolean).join(' '),
        figures: figures.get(channel.id),
        earlier: earlier.get(channel.id),
      })),
      text: {
        columns: [
          t('legend.channel'),
          t('legend.gateway'),
          t('legend.min'),
          t('legend.average'),
          t('legend.timeAverage'),
          t('legend.max'),
          t('legend.sum'),
          t('legend.last'),
          t('legend.count'),
        ],
        earlier: offset === null ? '' : t('compare.earlier', { span: format.span(offset) }),
        annotations: t('export.annotations'),
        made: t('export.made', { at: format.dateTime(siteNow()) }),
      },
    }
  }
  // What is printed is what is shown then, and nothing here makes the screen draw anew.
  const latest = useRef(make)
  latest.current = make
  return useCallback(() => latest.current(), [])
}
