import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, queryClient } from './client.ts'

const profilesQuery = queryOptions({
  queryKey: ['profiles'],
  queryFn: async ({ signal }) => (await api.profiles.list({}, { signal })).profiles,
  // How many gateways have one moves by itself.
  staleTime: 0,
})

const dialectsQuery = queryOptions({
  queryKey: ['dialects', 'names'],
  queryFn: async ({ signal }) => {
    const { dialects } = await api.dialects.list(undefined, { signal })
    return dialects.map(({ definition: { name, title }, builtIn }) => ({ name, title, builtIn }))
  },
  staleTime: 0,
})

/** Gateway profiles that the signed-in person may see. */
export const useProfiles = () => useQuery(profilesQuery)

/** Dialects that a gateway may be given, by what people call them. */
export const useDialectNames = () => useQuery(dialectsQuery).data ?? []

export function profilesChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: profilesQuery.queryKey })
}
