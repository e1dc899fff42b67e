import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Calculation } from '#contract/api/calculations.ts'
import type { Channel } from '#contract/model/channel.ts'
import { api } from '#renderer/api/client.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import type { Findable } from './trend-search.ts'
import { useCalculations } from './use-calculations.ts'

export interface TrendChannel extends Channel, Findable {
  /** Set where it is calculated: then it is of no gateway. */
  calculation?: Calculation
}

const allChannelsQuery = queryOptions({
  queryKey: ['channels', 'all'],
  queryFn: ({ signal }) => api.telemetry.channels({}, { signal }),
})

export interface TrendChannels {
  /** In the order of gateway codes, then names; calculated ones last. */
  all: readonly TrendChannel[]
  byId: ReadonlyMap<string, TrendChannel>
  ready: boolean
  error: unknown
  retry(): void
}

const inOrder = new Intl.Collator('en', { numeric: true })

/** Every channel that the person may see, with its gateway's name, and every calculated one. */
export function useTrendChannels(): TrendChannels {
  const { t } = useTranslation('trends')
  const query = useQuery(allChannelsQuery)
  const calculations = useCalculations()
  const { byId: gateways, rows } = useFleet()
  const channels = query.data?.channels
  // Gateway names change rarely, rows all the time: only their number and the list decide.
  const names = rows.length
  const measured = useMemo(
    () =>
      (channels ?? [])
        .map(
          (channel): TrendChannel => ({
            ...channel,
            gatewayName: gateways.get(channel.gatewayId)?.name ?? '',
          }),
        )
        .sort((a, b) => inOrder.compare(a.gatewayCode, b.gatewayCode) || inOrder.compare(a.name, b.name)),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- names change rarely, the map with every reading
    [channels, names],
  )
  const word = t('calculated.word')
  const all = useMemo(
    () => [...measured, ...calculations.all.map((calculation) => calculatedChannel(calculation, word))],
    [measured, calculations.all, word],
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
  const ready = channels !== undefined && (calculations.ready || calculations.error !== null)
  return useMemo(
    () => ({ all, byId, ready, error, retry: () => void refetch() }),
    [all, byId, ready, error, refetch],
  )
}

/** A calculated channel stands where channels do: without a gateway, and without limits. */
function calculatedChannel(calculation: Calculation, gatewayName: string): TrendChannel {
  const { id, name, unit } = calculation
  return {
    id,
    name,
    unit,
    key: name,
    kind: 'number',
    gatewayId: '',
    gatewayCode: '',
    gatewayName,
    lowLimit: null,
    highLimit: null,
    latest: null,
    retentionClass: null,
    calculation,
  }
}
