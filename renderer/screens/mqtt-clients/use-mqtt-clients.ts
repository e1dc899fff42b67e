import { queryOptions, useQuery } from '@tanstack/react-query'
import type { MqttConnection } from '#contract/api/mqtt-clients.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { type Live, useLive } from '#renderer/api/live.ts'

const clientsQuery = queryOptions({
  queryKey: ['mqtt-clients'],
  queryFn: ({ signal }) => api.mqttClients.list(undefined, { signal }),
  // Connections move by themselves: asked for anew with each visit.
  staleTime: 0,
})

/** The MQTT clients that the signed-in person may see, and where clients connect. */
export function useMqttClients() {
  return useQuery(clientsQuery)
}

export function mqttClientsChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: clientsQuery.queryKey })
}

/** Who is connected now, every two seconds. */
export function useConnections(): Live<{ connections: MqttConnection[] }> {
  return useLive(['mqtt-connections'], (signal) => api.mqttClients.watchConnections(undefined, { signal }))
}

export const listenersQuery = queryOptions({
  queryKey: ['mqtt-listeners'],
  queryFn: ({ signal }) => api.mqttClients.listeners(undefined, { signal }),
})

/** After a listener was opened or closed: addresses that screens show follow. */
export async function listenersChanged(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: listenersQuery.queryKey }),
    queryClient.invalidateQueries({ queryKey: ['site'] }),
    mqttClientsChanged(),
  ])
}
