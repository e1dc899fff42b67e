import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
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
  const all = useMemo(
    () =>
      (channels ?? [])
        .map((channel) => ({ ...channel, gatewayName: gateways.get(channel.gatewayId)?.name ?? '' }))
        .sort((a, b) => inOrder.compare(a.gatewayCode, b.gatewayCode) || inOrder.compare(a.name, b.name)),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- names change rarely, the map with every reading
    [channels, names],
  )
  const byId = useMemo(() => new Map(all.map((channel) => [channel.id, channel])), [all])
  const { refetch } = query
  const before = useRef(names)
  useEffect(() => {
    // A gateway that joined brings channels.
    if (before.current > 0 && before.current !== names) void refetch()
    before.current = names
  }, [names, refetch])
  const { error } = query
  return useMemo(
    () => ({ all, byId, ready: channels !== undefined, error, retry: () => void refetch() }),
    [all, byId, channels, error, refetch],
  )
}
