import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import type { Channel } from '#contract/model/channel.ts'
import { api } from '#renderer/api/client.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import type { Findable } from './trend-search.ts'

export interface TrendChannel extends Channel, Findable {}

const allChannelsQuery = queryOptions({
  queryKey: ['channels', 'all'],
  queryFn: ({ signal }) => api.telemetry.channels({}, { signal }),
})

export interface TrendChannels {
  /** In the order of gateway codes, then names. */
  all: readonly TrendChannel[]
  byId: ReadonlyMap<string, TrendChannel>
  ready: boolean
  error: unknown
  retry(): void
}

const inOrder = new Intl.Collator('en', { numeric: true })

/** Every channel that the person may see, with its gateway's name. */
export function useTrendChannels(): TrendChannels {
  const query = useQuery(allChannelsQuery)
  const { byId: gateways, rows } = useFleet()
  const channels = query.data?.channels
  // Gateway names change rarely, rows all the time: only their number and the list decide.
  const names = rows.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const all = useMemo(
    () =>
      (channels ?? [])
        .map((channel) => ({ ...channel, gatewayName: gateways.get(channel.gatewayId)?.name ?? '' }))
        .sort((a, b) => inOrder.compare(a.gatewayCode, b.gatewayCode) || inOrder.compare(a.name, b.name)),
    [channels, names],
  )
  const byId = useMemo(() => new Map(all.map((channel) => [channel.id, channel])), [all])
  const { refetch } = query
  useEffect(() => {
    // A gateway that joined brings channels.
    if (names > 0) void refetch()
  }, [names, refetch])
  return { all, byId, ready: channels !== undefined, error: query.error, retry: () => void refetch() }
}
