import { MOST_COMPARE, type Trend, type TrendAxis, type TrendChannelSetting } from '#contract/model/trend.ts'
import { formatChannels, parseChannels } from './trend-search.ts'

/** What a trend's address holds beside its range; all of it text, for people edit addresses. */
export interface TrendSearch {
  channels?: string | undefined
  axes?: string | undefined
  compare?: string | undefined
  limits?: string | undefined
  notes?: string | undefined
  view?: string | undefined
}

/** A trend without its range, which the range control keeps. */
export type TrendSettings = Omit<Trend, 'range'>

const letters: Record<Exclude<TrendAxis, 'auto'>, string> = { left: 'l', right: 'r', own: 'o' }
const axisOf = new Map<string, TrendAxis>([
  ['a', 'auto'],
  ...Object.entries(letters).map(([axis, letter]) => [letter, axis as TrendAxis] as const),
])
const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** What an address shows. Whatever is no such thing is left out. */
export function settingsOf(search: Record<string, unknown>): TrendSettings {
  const axes = parseAxes(search['axes'])
  return {
    channels: parseChannels(search['channels']).map((id, index) => ({ id, ...(axes.get(index) ?? auto) })),
    compare: parseSpan(search['compare']),
    bands: isOn(search['limits']) ?? false,
    annotations: isOn(search['notes']) ?? true,
  }
}

/** The opposite. What is as usual is not in the address. */
export function searchOf({ channels, compare, bands, annotations }: TrendSettings): TrendSearch {
  const axes = channels.flatMap((channel, index) => {
    const text = formatAxis(channel)
    return text === null ? [] : [`${index}:${text}`]
  })
  return {
    channels: formatChannels(channels.map(({ id }) => id)),
    axes: axes.length === 0 ? undefined : axes.join(','),
    compare: compare === null ? undefined : formatSpan(compare),
    limits: bands ? 'on' : undefined,
    notes: annotations ? undefined : 'off',
  }
}

/** The same channels in another number or order keep their settings; new ones have none. */
export function withChannels(settings: TrendSettings, ids: readonly string[]): TrendSettings {
  const known = new Map(settings.channels.map((channel) => [channel.id, channel]))
  return { ...settings, channels: ids.map((id) => known.get(id) ?? { id, ...auto }) }
}

/** Whether two trends show the same, whatever their ranges: looking around is no change. */
export function isSameTrend(a: TrendSettings, b: TrendSettings): boolean {
  return JSON.stringify(searchOf(a)) === JSON.stringify(searchOf(b))
}

const auto = { axis: 'auto', min: null, max: null } as const satisfies Omit<TrendChannelSetting, 'id'>

function formatAxis({ axis, min, max }: TrendChannelSetting): string | null {
  if (axis === 'auto' && min === null && max === null) return null
  const letter = axis === 'auto' ? 'a' : letters[axis]
  return min === null && max === null ? letter : `${letter}:${min ?? ''}:${max ?? ''}`
}

/** By the place of the channel: `0:l,2:o:0:100`. */
function parseAxes(value: unknown): Map<number, Omit<TrendChannelSetting, 'id'>> {
  const axes = new Map<number, Omit<TrendChannelSetting, 'id'>>()
  if (typeof value !== 'string') return axes
  for (const part of value.split(',')) {
    const [index, letter, min, max] = part.split(':')
    const axis = axisOf.get(letter ?? '')
    if (index === undefined || !/^\d{1,3}$/.test(index) || axis === undefined) continue
    const ends = { min: parseNumber(min), max: parseNumber(max) }
    const isInOrder = ends.min === null || ends.max === null || ends.min < ends.max
    axes.set(Number(index), { axis, ...(isInOrder ? ends : { min: null, max: null }) })
  }
  return axes
}

function parseNumber(text: string | undefined): number | null {
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}

/** `1d`, `90m`; ms, or null. */
export function parseSpan(value: unknown): number | null {
  const found = typeof value === 'string' ? /^([1-9]\d{0,8})([smhd])$/.exec(value) : null
  if (found === null) return null
  const span = Number(found[1]) * units[found[2] as keyof typeof units]
  return span <= MOST_COMPARE ? span : null
}

/** The longest unit that says it whole. */
export function formatSpan(span: number): string {
  const unit = (['d', 'h', 'm'] as const).find((name) => span % units[name] === 0) ?? 's'
  return `${Math.max(1, Math.round(span / units[unit]))}${unit}`
}

function isOn(value: unknown): boolean | null {
  return value === 'on' ? true : value === 'off' ? false : null
}
