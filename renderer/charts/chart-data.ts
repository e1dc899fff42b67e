import { type BucketRows, emptyRows, gapsOf, silenceThreshold } from './bucket-rows.ts'
import { type ChartChannel, isNumeric } from './chart-channel.ts'
import type { ChartColors } from './chart-colors.ts'
import { type Columns, columnsOf, middleOf } from './columns.ts'
import type { ChartAnnotation } from './overlay-annotations.ts'
import type { LabelledSpan } from './overlay-spans.ts'
import { colorOf } from './plot-ink.ts'
import type { PlotScene } from './plot-options.ts'
import { stateSpans } from './state-strip.ts'
import type { TimeWindow } from './time-range.ts'

/** All that a chart draws. */
export interface ChartData {
  channels: readonly ChartChannel[]
  rows: ReadonlyMap<string, BucketRows>
  /** The same channels earlier, laid onto this axis. */
  compared?: ReadonlyMap<string, BucketRows> | undefined
  live: boolean
  /** The site's time, ms. */
  now: number
  /** When the gateway was not connected. */
  offline?: readonly TimeWindow[] | undefined
  /** Spans that the store could not read, by channel. */
  damaged?: ReadonlyMap<string, readonly TimeWindow[]> | undefined
  annotations?: readonly ChartAnnotation[] | undefined
}

/** What the canvas writes, in the person's language. */
export interface ChartWords {
  state(state: string | null): string
  /** `1.84 bar`. */
  value(value: number, unit: string | null): string
  gap(span: TimeWindow, isOffline: boolean): string
  damaged: string
}

/** What uPlot draws of `wide`. */
export function plotColumns({ channels, rows, compared, now }: ChartData, wide: TimeWindow): Columns {
  const numeric = channels.filter(isNumeric)
  const of = (map: ReadonlyMap<string, BucketRows>) => numeric.map(({ id }) => map.get(id) ?? emptyRows())
  const columns = columnsOf(of(rows), wide, now, compared === undefined ? [] : of(compared))
  if (numeric.length === 0) columns.push([])
  return columns
}

/** What is drawn around the lines in `wide`. */
export function sceneOf(
  data: ChartData,
  wide: TimeWindow,
  colors: ChartColors,
  words: ChartWords,
): PlotScene {
  const { channels, rows, now, offline = [] } = data
  const numeric = channels.filter(isNumeric)
  const sole = numeric.length === 1 ? numeric[0] : undefined
  const isOffline = (gap: TimeWindow) => offline.some((span) => span.from < gap.to && span.to > gap.from)
  return {
    rows,
    noData:
      sole === undefined
        ? []
        : noDataSpans(rows.get(sole.id), wide, now, offline).map((gap) => ({
            ...gap,
            label: words.gap(gap, isOffline(gap)),
          })),
    damaged: damagedSpans(data, wide).map((span) => ({ ...span, label: words.damaged })),
    strips: channels
      .filter((channel) => !isNumeric(channel))
      .map((channel) => ({
        name: channel.name,
        color: colorOf(colors, channel),
        spans: stateSpans(rows.get(channel.id) ?? emptyRows(), channel.kind, {
          from: wide.from,
          to: Math.min(wide.to, now),
        }),
        word: words.state,
      })),
    annotations: data.annotations ?? [],
    latest: data.live && sole !== undefined ? latestPoint(rows.get(sole.id), sole.unit, now, words) : null,
  }
}

/** The spans that some channel could not be read in, in order, joined where they touch. */
export function damagedSpans(
  { channels, damaged }: Pick<ChartData, 'channels' | 'damaged'>,
  wide: TimeWindow,
): TimeWindow[] {
  const spans = channels
    .flatMap(({ id }) => damaged?.get(id) ?? [])
    .filter(({ from, to }) => to > wide.from && from < wide.to)
    .toSorted((a, b) => a.from - b.from)
  const joined: TimeWindow[] = []
  for (const { from, to } of spans) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined
}

/** The gaps of a channel, and the one from its last reading until now. */
function noDataSpans(
  rows: BucketRows | undefined,
  window: TimeWindow,
  now: number,
  offline: readonly TimeWindow[],
): Omit<LabelledSpan, 'label'>[] {
  if (rows === undefined || rows.ts.length === 0) return []
  const spans = gapsOf(rows)
  const last = rows.ts.length - 1
  const width = rows.width[last] as number
  const end = (rows.ts[last] as number) + width
  // Of a gateway that is away nothing is on its way: even one reading alone is followed by a gap.
  const away = offline.some((span) => span.from < now && span.to >= now)
  if (now - end > (away ? width * 2.5 : silenceThreshold(rows))) spans.push({ from: end, to: now })
  return spans.filter((span) => span.to > window.from && span.from < window.to)
}

function latestPoint(
  rows: BucketRows | undefined,
  unit: string | null,
  now: number,
  words: ChartWords,
): PlotScene['latest'] {
  const last = rows === undefined ? -1 : rows.ts.length - 1
  if (rows === undefined || last < 0) return null
  const value = rows.last[last]
  if (typeof value !== 'number') return null
  const average = (rows.sum[last] ?? 0) / Math.max(1, rows.count[last] ?? 1)
  return { x: middleOf(rows, last, now), value: average, label: words.value(value, unit) }
}
