import { useQuery } from '@tanstack/react-query'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import type { NameOf } from './conflict-words.ts'

/** Names of tenants, groups and people, which fields of a conflict point at. */
export function useObjectNames(status: CloudStatus): NameOf {
  const { data: groups } = useQuery({
    queryKey: ['groups', 'list', 'names'],
    queryFn: ({ signal }) => api.groups.list({}, { signal }),
  })
  const { data: users } = useQuery({
    queryKey: ['users', 'list', 'names'],
    queryFn: ({ signal }) => api.users.list({ limit: 1_000 }, { signal }),
  })
  const names = new Map<string, string>()
  for (const { tenantId, linkedWith, name } of status.tenants) {
    names.set(tenantId, name)
    if (linkedWith !== null) names.set(linkedWith, name)
  }
  for (const { id, name } of groups?.groups ?? []) names.set(id, name)
  for (const { id, name, email } of users?.users ?? []) names.set(id, name === '' ? email : name)
  return (id) => names.get(id)
}
