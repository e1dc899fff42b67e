import { queryOptions } from '@tanstack/react-query'
import type { Me } from '#contract/api/auth.ts'
import type { Permission } from '#contract/model/permission.ts'
import { api, connection, queryClient } from './client.ts'
import { forgetFleet } from './fleet-store.ts'
import { forgetJobs } from './jobs-store.ts'
import { forgetLive, onStreamRefused } from './live.ts'

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

/** How one signs in here, and what the site asks of passwords. */
export const signInQuery = queryOptions({
  queryKey: ['setup', 'sign-in'],
  queryFn: ({ signal }) => api.auth.options(undefined, { signal }),
  staleTime: 60_000,
})

export const siteQuery = queryOptions({
  queryKey: ['site', 'info'],
  queryFn: ({ signal }) => api.site.info(undefined, { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

/**
 * After a sign-in, and when a person's rights are others than before: the socket opens anew, and the frame, which is
 * drawn for one person with certain rights, is drawn anew too (`Gate`).
 */
export function beginSession(me: Me): void {
  forgetStores()
  // Who looks at it is told; a query that is removed tells nobody.
  queryClient.setQueryData(meQuery.queryKey, me)
  const [keptGroup, keptName] = meQuery.queryKey
  queryClient.removeQueries({
    predicate: ({ queryKey: [group, name] }) =>
      group !== 'setup' && !(group === keptGroup && name === keptName),
  })
  connection.restart()
}

/** After a sign-out, or when the site ended the session: nothing of the person stays. */
export function endSession(): void {
  // Subscriptions say goodbye while there is still a link to say it on.
  forgetStores()
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'setup' })
  connection.stop()
}

/** What a person may do and see: with another one, nothing on the screen holds any more. */
export function rightsOf({ id, role, permissions, reach, tenantId, pending }: Me): string {
  return JSON.stringify([id, role, permissions, reach, tenantId, pending])
}

let asking: Promise<void> | null = null

/** The site ended a subscription: asks who the person is now, and begins anew where that changed. */
async function askAgain(): Promise<void> {
  const before = queryClient.getQueryData(meQuery.queryKey)
  const me = await api.auth.me()
  if (before !== undefined && rightsOf(before) !== rightsOf(me)) beginSession(me)
}

/** Asks once, however many have noticed that something about the person changed. */
export function askWhoIsThere(): Promise<void> {
  asking ??= askAgain()
    .catch(() => {})
    .finally(() => {
      asking = null
    })
  return asking
}

onStreamRefused(() => void askWhoIsThere())

/** The window shows nothing of the person from now on; whether the site has locked the session is its own matter. */
export function showLocked(): void {
  const me = queryClient.getQueryData(meQuery.queryKey)
  if (me !== undefined && me.pending !== 'unlock')
    beginSession({ ...me, permissions: [], tenants: [], pending: 'unlock' })
}

function forgetStores(): void {
  forgetLive()
  forgetFleet()
  forgetJobs()
}

export function may(me: Me | undefined, permission: Permission): boolean {
  return me?.permissions.includes(permission) ?? false
}
