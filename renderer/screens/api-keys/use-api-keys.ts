import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, queryClient } from '#renderer/api/client.ts'

const keysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: async ({ signal }) => (await api.apiKeys.list(undefined, { signal })).keys,
  // Uses move by themselves: asked for anew with each visit.
  staleTime: 0,
})

/** The API keys that the signed-in person may see. */
export function useApiKeys() {
  return useQuery(keysQuery)
}

export function keysChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
}
