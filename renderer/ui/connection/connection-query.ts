import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, queryClient } from '#renderer/api/client.ts'

/** Below the gateway's own key: what changes about it changes this. */
export const connectionQuery = (gateway: string) =>
  queryOptions({
    queryKey: ['gateway', gateway, 'gateway', 'connection'],
    queryFn: ({ signal }) => api.gateways.connection({ gateway }, { signal }),
    // Listeners and tenants are turned on elsewhere.
    staleTime: 0,
  })

export const useConnection = (gateway: string) => useQuery(connectionQuery(gateway))

export function connectionChanged(gateway: string): void {
  void queryClient.invalidateQueries({ queryKey: ['gateway', gateway] })
}
