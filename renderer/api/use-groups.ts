import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Group } from '#contract/api/groups.ts'
import { api, queryClient } from './client.ts'
import { useMay } from './use-session.ts'

const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: ({ signal }) => api.groups.list(undefined, { signal }),
})

export interface Groups {
  /** Each followed by those below it; null until they are known. */
  list: readonly Group[] | null
  byId: ReadonlyMap<string, Group>
  error: unknown
  retry(): void
}

const none: ReadonlyMap<string, Group> = new Map()
const maps = new WeakMap<readonly Group[], ReadonlyMap<string, Group>>()

/** Every group that the person may see, of every tenant; none for those who may not ask for them. */
export function useGroups(): Groups {
  const may = useMay('tenants:read')
  const { data, error, refetch } = useQuery({ ...groupsQuery, enabled: may })
  const list = data?.groups ?? null
  return {
    list: may ? list : [],
    byId: list === null ? none : mapOf(list),
    error,
    retry: () => void refetch(),
  }
}

function mapOf(list: readonly Group[]): ReadonlyMap<string, Group> {
  let map = maps.get(list)
  if (map === undefined) {
    map = new Map(list.map((group) => [group.id, group]))
    maps.set(list, map)
  }
  return map
}

/** After a change of groups, or of which gateways are in them. */
export function groupsChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['groups'] })
}

/** `Plant 1 / Line 2`: how a group is named where it stands alone. */
export function groupPath(group: Pick<Group, 'path'>): string {
  return group.path.join(' / ')
}

/** The group and all that are below it. */
export function withBelow(groups: readonly Group[], id: string): Set<string> {
  const found = new Set([id])
  // Each stands behind the one above it.
  for (const group of groups) if (group.parentId !== null && found.has(group.parentId)) found.add(group.id)
  return found
}
