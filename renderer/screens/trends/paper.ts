import type { Annotation } from '#contract/api/annotations.ts'
import type { ChartChannel } from '#renderer/charts/chart-channel.ts'
import type { ChartData } from '#renderer/charts/chart-data.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import type { AllChartWords } from '#renderer/charts/use-chart-words.ts'
import type { Format } from '#renderer/ui/format.ts'
import { NOTHING } from '#renderer/ui/format.ts'
import type { Figures } from './use-window-figures.ts'

/** All that a picture, a printed page or a file of a trend holds. */
export interface Paper {
  title: string
  site: string
  window: TimeWindow
  data: ChartData
  focus: string | null
  bands: boolean
  locale: string
  words: AllChartWords
  format: Format
  rows: readonly PaperRow[]
  annotations: readonly Annotation[]
  /** ms that the comparison lies back, or null. */
  offset: number | null
  text: PaperText
}

export interface PaperText {
  columns: readonly string[]
  /** `1 d earlier`. */
  earlier: string
  annotations: string
  made: string
}

export interface PaperRow {
  channel: ChartChannel
  gateway: string
  figures: Figures | undefined
  earlier: Figures | undefined
}

/** `21 Nov 2026, 07:57:00 – 21 Nov 2026, 09:48:00 (UTC−3)`. */
export function windowWords({ from, to }: TimeWindow, format: Format): string {
  return `${format.dateTime(Math.round(from))} – ${format.dateTime(Math.round(to))} (${format.zone(to)})`
}

/** The figures of a row as they are written: minimum, average, time average, maximum, sum, last, readings. */
export function figureWords(figures: Figures | undefined, isNumber: boolean, format: Format): string[] {
  if (figures === undefined) return Array.from({ length: 7 }, () => NOTHING)
  const { min, average, timeAverage, max, sum, last, count } = figures
  const number = (value: number) => (isNumber && Number.isFinite(value) ? format.number(value) : NOTHING)
  return [
    ...[min, average, timeAverage, max, sum].map(number),
    typeof last === 'number' && isNumber ? format.number(last) : isNumber ? NOTHING : String(last),
    format.integer(count),
  ]
}
