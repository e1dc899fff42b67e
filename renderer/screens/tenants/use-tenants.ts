import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, queryClient } from '#renderer/api/client.ts'

const detailsQuery = queryOptions({
  queryKey: ['tenants', 'details'],
  queryFn: ({ signal }) => api.tenants.details(undefined, { signal }),
  // Usage moves by itself: what is shown is asked for anew with each visit.
  staleTime: 0,
})

/** Tenants with quotas and usage; only those whose rights go over a whole tenant may ask. */
export function useTenantDetails(enabled = true) {
  return useQuery({ ...detailsQuery, enabled })
}

/** After a change of a tenant: its name and their number stand in many places. */
export async function tenantsChanged(): Promise<void> {
  await Promise.all(
    [['tenants'], ['site'], ['auth', 'me']].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
  )
}
