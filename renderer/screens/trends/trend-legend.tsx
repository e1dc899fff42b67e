import { VisuallyHidden } from '@mantine/core'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrendChannelSetting } from '#contract/model/trend.ts'
import type { ReadingTail } from '#renderer/charts/reading-tail.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { LegendRow } from './legend-row.tsx'
import css from './trends.module.css'
import type { TrendChannel } from './use-trend-channels.ts'
import type { Figures } from './use-window-figures.ts'

export interface LegendProps {
  channels: readonly TrendChannel[]
  settings: ReadonlyMap<string, TrendChannelSetting>
  colors: ReadonlyMap<string, number>
  figures: ReadonlyMap<string, Figures>
  /** Of the same channels earlier, and how much, ms; null without a comparison. */
  compared: { offset: number; figures: ReadonlyMap<string, Figures> } | null
  tail: ReadingTail
  focus: string | null
  onFocus(channelId: string | null): void
  onRemove(channelId: string): void
  onSetting(setting: TrendChannelSetting): void
  onEdit(channel: TrendChannel): void
}

const columns = ['latest', 'age', 'min', 'average', 'timeAverage', 'max', 'sum', 'count'] as const

/** What each channel is now, and its figures in the visible range; a row can be focused, set up or taken away. */
export const TrendLegend = memo(function TrendLegend(props: LegendProps) {
  const { t } = useTranslation('trends')
  const format = useFormat()
  const { channels, settings, colors, figures, compared, focus, ...rest } = props
  const offsetWords = compared === null ? null : t('compare.earlier', { span: format.span(compared.offset) })
  return (
    <div className={css.legend}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('legend.channel')}</th>
            <th scope="col">{t('legend.gateway')}</th>
            {columns.map((column) => (
              <th key={column} scope="col" className="num" title={t(`legend.hint.${column}`)}>
                {t(`legend.${column}`)}
              </th>
            ))}
            <th scope="col">
              <VisuallyHidden>{t('legend.actions')}</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {channels.map((channel) => (
            <LegendRow
              key={channel.id}
              {...rest}
              channel={channel}
              setting={settings.get(channel.id)}
              color={colors.get(channel.id) ?? 0}
              figures={figures.get(channel.id)}
              earlier={compared?.figures.get(channel.id)}
              offsetWords={offsetWords}
              focused={focus === channel.id}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
})
