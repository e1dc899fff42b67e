import { useTranslation } from 'react-i18next'
import type { ThresholdMeaning, TileOptions } from '#contract/model/dashboard.ts'
import { STALE_AFTER } from '#contract/model/gateway.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { type LatestReading, useLatest } from '#renderer/charts/reading-tail.ts'
import { stateName } from '#renderer/charts/state-strip.ts'
import { useStateWord } from '#renderer/charts/use-state-word.ts'
import { type Format, NOTHING, useFormat } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import type { TileChannel } from '../model/tile-channel.ts'
import { crossedThreshold, stateOption, thresholdsOf } from '../model/tone.ts'
import { useDashboardLive } from './live-context.ts'

/** The latest reading of a channel, in words and figures. */
export interface ShownReading {
  latest: LatestReading | null
  /** As a number; null for states and where there is none. */
  value: number | null
  text: string
  unit: string
  /** Null where it is recent. */
  staleFor: string | null
  /** Not normal: how grave, and why. Null where it is normal, or too old to tell. */
  meaning: ThresholdMeaning | null
  why: string | null
  /** The exact time, for hover. */
  hover: string | undefined
}

export function useReading(channel: TileChannel, options: TileOptions): ShownReading {
  const { t } = useTranslation('dashboards')
  const format = useFormat()
  const stateWord = useStateWord()
  const now = useNow()
  const { tail } = useDashboardLive()
  const latest = useLatest(tail, channel.id, channel.latest)
  if (latest === null)
    return {
      latest,
      value: null,
      text: NOTHING,
      unit: '',
      staleFor: null,
      meaning: null,
      why: null,
      hover: undefined,
    }
  const age = now - latest.ts
  const stale = age > STALE_AFTER
  const value = isNumeric(channel) && typeof latest.value === 'number' ? latest.value : null
  const state = value === null || channel.kind === 'integer' ? stateName(channel.kind, latest.value) : null
  const named = stateOption(options.states, state)
  const crossed = value === null ? null : crossedThreshold(value, thresholdsOf(options.thresholds, channel))
  const meaning = stale ? null : (named?.meaning ?? crossed?.meaning ?? null)
  return {
    latest,
    value,
    text: named?.word ?? (value === null ? stateWord(state) : figure(value, options, format)),
    unit: value === null || named?.word !== undefined ? '' : (channel.unit ?? ''),
    staleFor: stale ? format.age(age) : null,
    meaning,
    why:
      meaning === null || crossed === null || named?.meaning !== undefined
        ? null
        : t(`side.${crossed.side}`, { value: figure(crossed.value, options, format) }),
    hover: `${format.dateTime(latest.ts)} (${format.utc(latest.ts)})`,
  }
}

/** A value with the tile's digits, or as many as a person reads. */
export function figure(value: number, options: Pick<TileOptions, 'decimals'>, format: Format): string {
  return options.decimals === undefined ? format.number(value) : format.fixed(value, options.decimals)
}
