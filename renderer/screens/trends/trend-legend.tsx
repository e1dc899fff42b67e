import { ActionIcon, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { STALE_AFTER } from '#contract/model/gateway.ts'
import { type BucketRows, emptyRows } from '#renderer/charts/bucket-rows.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { channelStroke } from '#renderer/charts/chart-colors.ts'
import { crossed } from '#renderer/charts/plot-options.ts'
import { type ReadingTail, useLatest } from '#renderer/charts/reading-tail.ts'
import { stateName } from '#renderer/charts/state-strip.ts'
import { statisticsOf } from '#renderer/charts/statistics.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import { useStateWord } from '#renderer/charts/use-state-word.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { useNow } from '#renderer/ui/now.ts'
import css from './trends.module.css'
import type { TrendChannel } from './use-trend-channels.ts'

/** What each channel is now, and its figures in the visible range; a row can be focused or taken away. */
export const TrendLegend = memo(function TrendLegend(props: {
  channels: readonly TrendChannel[]
  colors: ReadonlyMap<string, number>
  rows: ReadonlyMap<string, BucketRows>
  window: TimeWindow
  tail: ReadingTail
  focus: string | null
  onFocus(channelId: string | null): void
  onRemove(channelId: string): void
}) {
  const { t } = useTranslation('trends')
  return (
    <div className={css.legend}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('legend.channel')}</th>
            <th scope="col">{t('legend.gateway')}</th>
            <th scope="col" className="num">
              {t('legend.latest')}
            </th>
            <th scope="col" className="num">
              {t('legend.age')}
            </th>
            <th scope="col" className="num">
              {t('legend.min')}
            </th>
            <th scope="col" className="num">
              {t('legend.average')}
            </th>
            <th scope="col" className="num">
              {t('legend.max')}
            </th>
            <th scope="col" className="num">
              {t('legend.count')}
            </th>
            <th scope="col">
              <VisuallyHidden>{t('legend.actions')}</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.channels.map((channel) => (
            <Row key={channel.id} {...props} channel={channel} />
          ))}
        </tbody>
      </table>
    </div>
  )
})

function Row(props: {
  channel: TrendChannel
  colors: ReadonlyMap<string, number>
  rows: ReadonlyMap<string, BucketRows>
  window: TimeWindow
  tail: ReadingTail
  focus: string | null
  onFocus(channelId: string | null): void
  onRemove(channelId: string): void
}) {
  const { channel } = props
  const { t } = useTranslation('trends')
  const format = useFormat()
  const stateWord = useStateWord()
  const now = useNow()
  const latest = useLatest(props.tail, channel.id, channel.latest)
  const statistics = statisticsOf(props.rows.get(channel.id) ?? emptyRows(), props.window)
  const numeric = isNumeric(channel)
  const stale = latest !== null && now - latest.ts > STALE_AFTER
  const beyond = latest !== null && typeof latest.value === 'number' && crossed(channel, latest.value)
  const focused = props.focus === channel.id
  const figure = (value: number | undefined) => (value === undefined || !numeric ? '–' : format.number(value))
  return (
    <tr data-focused={focused || undefined}>
      <th scope="row">
        <button
          type="button"
          className={css.channel}
          aria-pressed={focused}
          title={focused ? t('legend.unfocus') : t('legend.focus')}
          onClick={() => props.onFocus(focused ? null : channel.id)}
        >
          <i style={{ background: channelStroke(props.colors.get(channel.id) ?? 0) }} aria-hidden="true" />
          <span className="ellipsis">{channel.name}</span>
          {channel.unit !== null && <span className="sub">{channel.unit}</span>}
        </button>
      </th>
      <td className="ellipsis">
        <Link
          to="/gateways/$gatewayId"
          params={{ gatewayId: channel.gatewayId }}
          search={{ channel: channel.id }}
          className={css.link ?? ''}
        >
          {channel.gatewayCode}
        </Link>{' '}
        <span className="sub">{channel.gatewayName}</span>
      </td>
      <td className={`num ${stale ? 'stale-value' : beyond ? 't-orange' : 'live-value'} strong`}>
        {latest === null
          ? '–'
          : numeric && typeof latest.value === 'number'
            ? format.number(latest.value)
            : stateWord(stateName(channel.kind, latest.value))}
      </td>
      <td
        className={`num ${stale ? 't-yellow' : 'sub'}`}
        title={latest === null ? undefined : `${format.dateTime(latest.ts)} (${format.utc(latest.ts)})`}
      >
        {latest === null ? '–' : format.age(now - latest.ts)}
      </td>
      <td className="num">{figure(statistics?.min)}</td>
      <td className="num">{figure(statistics?.average)}</td>
      <td className="num">{figure(statistics?.max)}</td>
      <td className="num sub">{statistics === null ? '0' : format.integer(statistics.count)}</td>
      <td className="num">
        <ActionIcon
          size="xs"
          variant="subtle"
          color="gray"
          aria-label={t('legend.remove', { channel: channel.name })}
          onClick={() => props.onRemove(channel.id)}
        >
          <Icon name="close" size={14} />
        </ActionIcon>
      </td>
    </tr>
  )
}
