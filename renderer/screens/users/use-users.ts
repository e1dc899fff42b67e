import { queryOptions, useQuery } from '@tanstack/react-query'
import type { RoleInfo } from '#contract/api/roles.ts'
import type { User } from '#contract/api/users.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { useMe } from '#renderer/api/use-session.ts'

const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => {
    const users: User[] = []
    let after: string | null = null
    do {
      const page: { users: User[]; next: string | null } = await api.users.list(
        { limit: 1_000, ...(after === null ? {} : { after }) },
        { signal },
      )
      users.push(...page.users)
      after = page.next
    } while (after !== null)
    return users
  },
  // Sign-ins and sessions move by themselves: asked for anew with each visit.
  staleTime: 0,
})

/** Everybody whom the signed-in person may see. */
export function useUsers() {
  return useQuery(usersQuery)
}

/** After a change of people: rights of roles and of tenants count them too. */
export async function usersChanged(): Promise<void> {
  await Promise.all(
    [['users'], ['roles'], ['tenants'], ['auth', 'me']].map((queryKey) =>
      queryClient.invalidateQueries({ queryKey }),
    ),
  )
}

/** Roles of a tenant, or of every one that the person sees. */
export function useRoles(tenantId: string | null, enabled = true) {
  return useQuery({
    queryKey: ['roles', tenantId],
    queryFn: ({ signal }) => api.roles.list(tenantId === null ? {} : { tenant: tenantId }, { signal }),
    enabled,
  })
}

/** The roles of a tenant that the signed-in person may give: nobody gives what they do not hold. */
export function useRolesToGive(tenantId: string | null): RoleInfo[] {
  const me = useMe()
  const roles = useRoles(tenantId, tenantId !== null).data?.roles ?? []
  return roles.filter(
    ({ id, permissions }) =>
      id !== 'site_admin' && permissions.every((permission) => me?.permissions.includes(permission)),
  )
}
