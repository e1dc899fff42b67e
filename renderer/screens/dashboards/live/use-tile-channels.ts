import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { api, useLinkState } from '#renderer/api/client.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { useCalculations } from '#renderer/screens/trends/use-calculations.ts'
import type { TileChannel } from '../model/tile-channel.ts'

const allChannelsQuery = queryOptions({
  queryKey: ['channels', 'all'],
  queryFn: ({ signal }) => api.telemetry.channels({}, { signal }),
})

export interface TileChannels {
  /** In the order of gateway codes, then names; calculated ones come first. */
  all: readonly TileChannel[]
  byId: ReadonlyMap<string, TileChannel>
  ready: boolean
  error: unknown
  /** Asks for the list anew, as after a channel that it names is gone. */
  refresh(): void
}

const inOrder = new Intl.Collator('en', { numeric: true })

/** Every channel that the person may see, calculated ones too. Asked anew when gateways come or go, and after a lost link. */
export function useTileChannels(): TileChannels {
  const { data, error, refetch } = useQuery(allChannelsQuery)
  const { byId: gateways, rows } = useFleet()
  const count = rows.length
  const calculations = useCalculations()
  const channels = useMemo(
    () =>
      (data?.channels ?? [])
        .map(
          (channel): TileChannel => ({
            ...channel,
            gatewayName: gateways.get(channel.gatewayId)?.name ?? '',
          }),
        )
        .sort((a, b) => inOrder.compare(a.gatewayCode, b.gatewayCode) || inOrder.compare(a.name, b.name)),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- names change rarely, the map with every reading
    [data, count],
  )
  const all = useMemo(() => [...calculations.all.map(calculated), ...channels], [calculations.all, channels])
  const byId = useMemo(() => new Map(all.map((channel) => [channel.id, channel])), [all])
  useRefreshing(count, refetch)
  const { ready: counted, error: uncounted, retry } = calculations
  // Until both lists came nobody can say that a channel is missing.
  const ready = data !== undefined && (counted || uncounted !== null)
  return useMemo(
    () => ({
      all,
      byId,
      ready,
      error: error ?? uncounted,
      refresh() {
        void refetch()
        retry()
      },
    }),
    [all, byId, ready, error, uncounted, refetch, retry],
  )
}

function calculated({ id, name, unit }: { id: string; name: string; unit: string | null }): TileChannel {
  return {
    id,
    name,
    unit,
    gatewayId: '',
    gatewayCode: '',
    gatewayName: '',
    kind: 'number',
    lowLimit: null,
    highLimit: null,
    latest: null,
  }
}

function useRefreshing(gateways: number, refetch: () => Promise<unknown>): void {
  const link = useLinkState()
  const before = useRef({ gateways, link })
  useEffect(() => {
    const was = before.current
    before.current = { gateways, link: link === 'connecting' ? was.link : link }
    const joined = was.gateways > 0 && was.gateways !== gateways
    // What changed while the link was lost was told to nobody.
    const back = was.link === 'lost' && link === 'live'
    if (joined || back) void refetch()
  }, [gateways, link, refetch])
}
