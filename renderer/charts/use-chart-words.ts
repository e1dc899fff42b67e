import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import type { ChartChannel } from './chart-channel.ts'
import type { ChartWords } from './chart-data.ts'
import type { ReadoutWords } from './readout-view.ts'
import { useStateWord } from './use-state-word.ts'

export interface AllChartWords {
  canvas: ChartWords
  readout: ReadoutWords
  limits(channel: ChartChannel, named: boolean): { low: string; high: string }
}

/** Everything that a chart writes by itself, in the person's language. */
export function useChartWords(): AllChartWords {
  const { t } = useTranslation('charts')
  const format = useFormat()
  const state = useStateWord()
  return useMemo(() => {
    const value = (number: number, unit: string | null) => `${format.number(number)} ${unit ?? ''}`.trim()
    return {
      canvas: {
        state,
        value,
        gap: ({ from, to }, isOffline) => {
          const duration = format.span(to - from)
          return isOffline ? t('gap.offline', { duration }) : t('gap.noData', { duration })
        },
        damaged: t('gap.damaged'),
      },
      readout: {
        format,
        state,
        none: t('readout.none'),
        range: (min, max) => t('readout.range', { min, max }),
        before: (before, difference) => t('readout.before', { value: before, difference }),
      },
      limits: ({ name, unit, lowLimit, highLimit }, named) => {
        const who = named ? `${name} · ` : ''
        return {
          low: lowLimit === null ? '' : `${who}${t('limit.low', { value: value(lowLimit, unit) })}`,
          high: highLimit === null ? '' : `${who}${t('limit.high', { value: value(highLimit, unit) })}`,
        }
      },
    }
  }, [t, format, state])
}
