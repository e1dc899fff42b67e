import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, queryClient, useLinkState, useLiveEffect } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'

export const DAY = 86_400_000
const HOUR = 3_600_000
/** The span of the states strip and of its figures. */
export const STATES_SPAN = 7 * DAY
/** How far back refusals are shown. */
export const REFUSALS_SPAN = 30 * DAY

export const gatewayQuery = (gateway: string) =>
  queryOptions({
    queryKey: ['gateway', gateway, 'gateway'],
    queryFn: ({ signal }) => api.gateways.show({ gateway }, { signal }),
  })

export const channelsQuery = (gateway: string) =>
  queryOptions({
    queryKey: ['gateway', gateway, 'channels'],
    queryFn: ({ signal }) => api.telemetry.channels({ gateway }, { signal }),
  })

const statesQuery = (gateway: string) =>
  queryOptions({
    queryKey: ['gateway', gateway, 'history', 'week'],
    queryFn: ({ signal }) =>
      api.gateways.history({ gateway, since: new Date(siteNow() - STATES_SPAN), limit: 5_000 }, { signal }),
  })

const historyQuery = (gateway: string) =>
  queryOptions({
    queryKey: ['gateway', gateway, 'history', 'all'],
    queryFn: ({ signal }) => api.gateways.history({ gateway, limit: 500 }, { signal }),
  })

const refusalsQuery = (gateway: string) =>
  queryOptions({
    queryKey: ['gateway', gateway, 'refusals'],
    queryFn: ({ signal }) =>
      api.gateways.refusals({ gateway, since: new Date(siteNow() - REFUSALS_SPAN), limit: 200 }, { signal }),
  })

/** Hours of now and just before in which something was limited. They change with the refusals. */
const limitedQuery = (gateway: string) =>
  queryOptions({
    queryKey: ['gateway', gateway, 'refusals', 'limited'],
    queryFn: ({ signal }) =>
      api.limits.limited({ gateway, from: new Date(siteNow() - HOUR), limit: 2 }, { signal }),
  })

const certificatesQuery = (gateway: string) =>
  queryOptions({
    queryKey: ['gateway', gateway, 'certificates'],
    queryFn: ({ signal }) => api.certificates.list({ gateway }, { signal }),
  })

export const useGateway = (gateway: string) => useQuery(gatewayQuery(gateway))
export const useChannels = (gateway: string) => useQuery(channelsQuery(gateway))
/** Changes of the last seven days, for the strip; newest first. */
export const useWeekOfStates = (gateway: string) => useQuery(statesQuery(gateway))
export const useHistory = (gateway: string) => useQuery(historyQuery(gateway))
export const useRefusals = (gateway: string) => useQuery(refusalsQuery(gateway))
export const useLimited = (gateway: string) => useQuery(limitedQuery(gateway))
export const useCertificates = (gateway: string, enabled: boolean) =>
  useQuery({ ...certificatesQuery(gateway), enabled })

/** Asks again for what the site says has changed about this gateway, and for all of it after a lost link. */
export function useGatewayChanges(gateway: string): void {
  useLiveEffect(
    ['gateway', gateway],
    (signal) => api.gateways.watchOne({ gateway }, { signal }),
    ({ changed }) => {
      for (const what of changed) void queryClient.invalidateQueries({ queryKey: ['gateway', gateway, what] })
      if (changed.includes('gateway'))
        void queryClient.invalidateQueries({ queryKey: ['gateway', gateway, 'certificates'] })
    },
  )
  const link = useLinkState()
  const lost = useRef(false)
  useEffect(() => {
    if (link === 'lost') lost.current = true
    if (link !== 'live' || !lost.current) return
    lost.current = false
    void queryClient.invalidateQueries({ queryKey: ['gateway', gateway] })
  }, [link, gateway])
}

/** After an action of this person: everything about the gateway may have changed. */
export function gatewayChanged(gateway: string): void {
  void queryClient.invalidateQueries({ queryKey: ['gateway', gateway] })
  void queryClient.invalidateQueries({ queryKey: ['certificates'] })
}
