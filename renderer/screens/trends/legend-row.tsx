import { ActionIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { STALE_AFTER } from '#contract/model/gateway.ts'
import type { TrendChannelSetting } from '#contract/model/trend.ts'
import { crossed, isNumeric } from '#renderer/charts/chart-channel.ts'
import { channelStroke } from '#renderer/charts/chart-colors.ts'
import { type ReadingTail, useLatest } from '#renderer/charts/reading-tail.ts'
import { stateName } from '#renderer/charts/state-strip.ts'
import { useStateWord } from '#renderer/charts/use-state-word.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { ChannelSettings } from './channel-settings.tsx'
import css from './trends.module.css'
import type { TrendChannel } from './use-trend-channels.ts'
import type { Figures } from './use-window-figures.ts'

export interface LegendRowProps {
  channel: TrendChannel
  setting: TrendChannelSetting | undefined
  color: number
  figures: Figures | undefined
  earlier: Figures | undefined
  /** `1 d earlier`; null without a comparison. */
  offsetWords: string | null
  tail: ReadingTail
  focused: boolean
  onFocus(channelId: string | null): void
  onRemove(channelId: string): void
  onSetting(setting: TrendChannelSetting): void
  onEdit(channel: TrendChannel): void
}

export const LegendRow = memo(function LegendRow(props: LegendRowProps) {
  const { channel, figures, focused } = props
  const { t } = useTranslation('trends')
  const numeric = isNumeric(channel)
  return (
    <>
      <tr data-focused={focused || undefined}>
        <th scope="row">
          <button
            type="button"
            className={css.channel}
            aria-pressed={focused}
            title={focused ? t('legend.unfocus') : t('legend.focus')}
            onClick={() => props.onFocus(focused ? null : channel.id)}
          >
            <i style={{ background: channelStroke(props.color) }} aria-hidden="true" />
            <span className="ellipsis">{channel.name}</span>
            {channel.unit !== null && <span className="sub">{channel.unit}</span>}
          </button>
        </th>
        <td className="ellipsis">
          <Source channel={channel} />
        </td>
        <Now channel={channel} tail={props.tail} />
        <FigureCells figures={figures} numeric={numeric} />
        <td className="num">
          <span className={css.rowActions}>
            {numeric && (
              <ChannelSettings channel={channel} setting={props.setting} onChange={props.onSetting} />
            )}
            {channel.calculation !== undefined && (
              <ActionIcon
                size="xs"
                variant="subtle"
                color="gray"
                aria-label={t('calculated.edit', { channel: channel.name })}
                onClick={() => props.onEdit(channel)}
              >
                <Icon name="edit" size={14} />
              </ActionIcon>
            )}
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label={t('legend.remove', { channel: channel.name })}
              onClick={() => props.onRemove(channel.id)}
            >
              <Icon name="close" size={14} />
            </ActionIcon>
          </span>
        </td>
      </tr>
      {props.offsetWords !== null && numeric && (
        <tr className={css.earlier}>
          <th scope="row" colSpan={2}>
            <i style={{ '--stroke': channelStroke(props.color) } as never} aria-hidden="true" />
            {props.offsetWords}
          </th>
          <Difference figures={figures} earlier={props.earlier} />
          <FigureCells figures={props.earlier} numeric />
          <td aria-hidden="true"> </td>
        </tr>
      )}
    </>
  )
})

function Source({ channel }: { channel: TrendChannel }) {
  if (channel.calculation !== undefined) return <span className="sub">{channel.gatewayName}</span>
  return (
    <>
      <Link
        to="/gateways/$gatewayId"
        params={{ gatewayId: channel.gatewayId }}
        search={{ channel: channel.id }}
        className={css.link ?? ''}
      >
        {channel.gatewayCode}
      </Link>{' '}
      <span className="sub">{channel.gatewayName}</span>
    </>
  )
}

/** The latest value and its age: the only cells that change by themselves. */
function Now({ channel, tail }: { channel: TrendChannel; tail: ReadingTail }) {
  const format = useFormat()
  const stateWord = useStateWord()
  const now = useNow()
  const latest = useLatest(tail, channel.id, channel.latest)
  const stale = latest !== null && now - latest.ts > STALE_AFTER
  const beyond = latest !== null && typeof latest.value === 'number' && crossed(channel, latest.value)
  return (
    <>
      <td className={`num ${stale ? 'stale-value' : beyond ? 't-orange' : 'live-value'} strong`}>
        {latest === null
          ? NOTHING
          : isNumeric(channel) && typeof latest.value === 'number'
            ? format.number(latest.value)
            : stateWord(stateName(channel.kind, latest.value))}
      </td>
      <td
        className={`num ${stale ? 't-yellow' : 'sub'}`}
        title={latest === null ? undefined : `${format.dateTime(latest.ts)} (${format.utc(latest.ts)})`}
      >
        {latest === null ? NOTHING : format.age(now - latest.ts)}
      </td>
    </>
  )
}

/** Below a thousandth a percentage says nothing. */
const LEAST_SHARE = 0.001

/** How much higher the average is than it was. */
function Difference({ figures, earlier }: { figures: Figures | undefined; earlier: Figures | undefined }) {
  const { t } = useTranslation('trends')
  const format = useFormat()
  if (figures === undefined || earlier === undefined) return <td colSpan={2}>{NOTHING}</td>
  const difference = figures.average - earlier.average
  const share = earlier.average === 0 ? 0 : Math.abs(difference / earlier.average)
  const sign = difference > 0 ? '+' : '−'
  return (
    <td colSpan={2} className="num" title={t('compare.differenceHint')}>
      Δ {difference === 0 ? '' : sign}
      {format.number(Math.abs(difference))}
      {share >= LEAST_SHARE && ` (${sign}${format.percent(share)})`}
    </td>
  )
}

function FigureCells({ figures, numeric }: { figures: Figures | undefined; numeric: boolean }) {
  const format = useFormat()
  const figure = (value: number | undefined) =>
    value === undefined || !numeric || Number.isNaN(value) ? NOTHING : format.number(value)
  return (
    <>
      <td className="num">{figure(figures?.min)}</td>
      <td className="num">{figure(figures?.average)}</td>
      <td className="num">{figure(figures?.timeAverage)}</td>
      <td className="num">{figure(figures?.max)}</td>
      <td className="num">{figure(figures?.sum)}</td>
      <td className="num sub">{figures === undefined ? NOTHING : format.integer(figures.count)}</td>
    </>
  )
}
