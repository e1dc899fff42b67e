import type { Channel } from '#contract/model/channel.ts'

export interface ChannelForm {
  name: string
  unit: string
  low: string
  high: string
  /** Empty: as its tenant's, or the site's. */
  retentionClass: string
}

export type ChannelProblem = 'not_a_number' | 'limits_crossed' | 'too_long'
export type ChannelProblems = Partial<Record<keyof ChannelForm, ChannelProblem>>

export function formOf(channel: Channel, locale: string): ChannelForm {
  return {
    name: channel.name === channel.key ? '' : channel.name,
    unit: channel.unit ?? '',
    low: channel.lowLimit === null ? '' : writeNumber(channel.lowLimit, locale),
    high: channel.highLimit === null ? '' : writeNumber(channel.highLimit, locale),
    retentionClass: channel.retentionClass ?? '',
  }
}

/** As the person writes it: with the decimal mark of their language, without grouping. */
export function writeNumber(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 15 }).format(value)
}

/** Comma and point are both taken as the decimal mark; null where the field is empty, NaN where it is no number. */
export function readNumber(text: string): number | null {
  const trimmed = text.trim().replace('−', '-')
  if (trimmed === '') return null
  if (!/^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i.test(trimmed)) return Number.NaN
  return Number(trimmed.replace(',', '.'))
}

/** What is wrong with the form; the contract's bounds and `channel_limits_invalid`. */
export function problemsOf(form: ChannelForm): ChannelProblems {
  const problems: ChannelProblems = {}
  const low = readNumber(form.low)
  const high = readNumber(form.high)
  if (form.name.trim().length > 100) problems.name = 'too_long'
  if (form.unit.trim().length > 20) problems.unit = 'too_long'
  if (low !== null && !Number.isFinite(low)) problems.low = 'not_a_number'
  if (high !== null && !Number.isFinite(high)) problems.high = 'not_a_number'
  if (
    problems.low === undefined &&
    problems.high === undefined &&
    low !== null &&
    high !== null &&
    low >= high
  )
    problems.high = 'limits_crossed'
  return problems
}

/** The change to send; an empty field takes the name, unit or limit away. */
export function changeOf(form: ChannelForm): {
  name: string | null
  unit: string | null
  lowLimit: number | null
  highLimit: number | null
  retentionClass: string | null
} {
  const text = (value: string) => (value.trim() === '' ? null : value.trim())
  return {
    name: text(form.name),
    unit: text(form.unit),
    lowLimit: readNumber(form.low),
    highLimit: readNumber(form.high),
    retentionClass: form.retentionClass === '' ? null : form.retentionClass,
  }
}
