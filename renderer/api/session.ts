import { queryOptions } from '@tanstack/react-query'
import type { Me } from '#contract/api/auth.ts'
import type { Permission } from '#contract/model/permission.ts'
import { api, connection, queryClient } from './client.ts'
import { forgetFleet } from './fleet-store.ts'
import { forgetJobs } from './jobs-store.ts'
import { forgetLive } from './live.ts'

export const setupQuery = queryOptions({
  queryKey: ['setup', 'status'],
  queryFn: ({ signal }) => api.setup.status(undefined, { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const meQuery = queryOptions({
  queryKey: ['auth', 'me'],
  queryFn: ({ signal }) => api.auth.me(undefined, { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const siteQuery = queryOptions({
  queryKey: ['site', 'info'],
  queryFn: ({ signal }) => api.site.info(undefined, { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

/** After a sign-in: the socket opens anew under the new session. */
export function beginSession(me: Me): void {
  forgetEverything()
  queryClient.setQueryData(meQuery.queryKey, me)
  connection.restart()
}

/** After a sign-out, or when the site ended the session: nothing of the person stays. */
export function endSession(): void {
  // Subscriptions say goodbye while there is still a link to say it on.
  forgetEverything()
  connection.stop()
}

function forgetEverything(): void {
  forgetLive()
  forgetFleet()
  forgetJobs()
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'setup' })
}

export function may(me: Me | undefined, permission: Permission): boolean {
  return me?.permissions.includes(permission) ?? false
}
