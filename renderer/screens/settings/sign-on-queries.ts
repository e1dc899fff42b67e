import { queryOptions } from '@tanstack/react-query'
import { api, queryClient } from '#renderer/api/client.ts'

export const signOnQuery = queryOptions({
  queryKey: ['sign-on', 'list'],
  queryFn: ({ signal }) => api.signOn.list(undefined, { signal }),
})

/** Roles that a tenant's people can have. */
export const mappedRolesQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['roles', 'list', tenant],
    queryFn: ({ signal }) => api.roles.list({ tenant }, { signal }),
  })

export function signOnChanged(): void {
  void queryClient.invalidateQueries({ queryKey: ['sign-on'] })
  void queryClient.invalidateQueries({ queryKey: ['setup', 'sign-on'] })
}
