import type { ValueKind } from '#contract/model/reading.ts'
import type { LatestReading } from '#renderer/charts/reading-tail.ts'

/** A channel, or a calculated one, as tiles show it. */
export interface TileChannel {
  id: string
  name: string
  /** Empty for a calculated channel: it belongs to no gateway. */
  gatewayId: string
  gatewayCode: string
  gatewayName: string
  unit: string | null
  kind: ValueKind
  lowLimit: number | null
  highLimit: number | null
  /** As the list told; live readings are newer. */
  latest: LatestReading | null
}

/** Channels whose names tell them apart go by these, others by gateway and name. */
export function namesOf(channels: readonly TileChannel[]): Map<string, string> {
  const times = new Map<string, number>()
  for (const { name } of channels) times.set(name, (times.get(name) ?? 0) + 1)
  return new Map(
    channels.map(({ id, name, gatewayCode }) => [
      id,
      (times.get(name) ?? 0) > 1 ? `${gatewayCode} ${name}`.trim() : name,
    ]),
  )
}

/** Case and accents do not matter to a search. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Channels in which every word of the query occurs: gateway, name or unit. */
export function findTileChannels(channels: readonly TileChannel[], query: string): TileChannel[] {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '')
  return channels.filter((channel) => {
    const text = fold(`${channel.gatewayCode} ${channel.gatewayName} ${channel.name} ${channel.unit ?? ''}`)
    return words.every((word) => text.includes(word))
  })
}
