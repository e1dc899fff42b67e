import { MOST_TREND_CHANNELS } from '#contract/model/trend.ts'

export const MOST_CHANNELS = MOST_TREND_CHANNELS

/** The channels of the address, in their order: ids with commas between. What is no id is left out. */
export function parseChannels(value: unknown): string[] {
  if (typeof value !== 'string') return []
  const ids = value.split(',').filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
  return [...new Set(ids)].slice(0, MOST_CHANNELS)
}

export function formatChannels(ids: readonly string[]): string | undefined {
  return ids.length === 0 ? undefined : ids.join(',')
}

/**
 * The place in the palette of each channel. One that stays keeps its colour when others come and go; a new one
 * takes the first that is free.
 */
export function assignColors(
  ids: readonly string[],
  before: ReadonlyMap<string, number>,
): Map<string, number> {
  const colors = new Map<string, number>()
  const taken = new Set<number>()
  for (const id of ids) {
    const color = before.get(id)
    if (color === undefined || taken.has(color)) continue
    colors.set(id, color)
    taken.add(color)
  }
  for (const id of ids) {
    if (colors.has(id)) continue
    let color = 0
    while (taken.has(color)) color++
    colors.set(id, color)
    taken.add(color)
  }
  return new Map(ids.map((id) => [id, colors.get(id) ?? 0]))
}

export interface Findable {
  id: string
  gatewayCode: string
  gatewayName: string
  name: string
  key: string
  unit: string | null
}

/** Channels in which every word of the query occurs, in code, gateway, channel name, key or unit. */
export function findChannels<T extends Findable>(channels: readonly T[], query: string, most: number): T[] {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '')
  const found: T[] = []
  for (const channel of channels) {
    const text = fold(
      `${channel.gatewayCode} ${channel.gatewayName} ${channel.name} ${channel.key} ${channel.unit ?? ''}`,
    )
    if (!words.every((word) => text.includes(word))) continue
    found.push(channel)
    if (found.length >= most) break
  }
  return found
}

/** Case and accents do not matter to a search. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
