import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { View, ViewSummary } from '#contract/api/views.ts'
import type { Dashboard } from '#contract/model/dashboard.ts'
import { api, queryClient, readError, useLive } from '#renderer/api/client.ts'

/** A dashboard as the site keeps it. */
export type SavedDashboard = ViewSummary & { content: Dashboard }

const inOrder = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** One's own dashboards and those shared, by name, live; undefined until they came. */
export function useDashboards(enabled = true): { list: readonly ViewSummary[] | undefined; error: unknown } {
  const { value, error } = useLive(
    ['views', 'dashboard'],
    (signal) => api.views.watch({ kind: 'dashboard' }, { signal }),
    enabled,
  )
  return { list: value?.views.toSorted((a, b) => inOrder.compare(a.name, b.name)), error }
}

function dashboardQuery(id: string) {
  return queryOptions({
    queryKey: ['views', 'one', id],
    queryFn: async ({ signal }) => dashboardOf(await api.views.get({ viewId: id }, { signal })),
  })
}

/** One dashboard; asked for anew when the list says that it has changed. */
export function useDashboard(id: string) {
  const query = useQuery(dashboardQuery(id))
  const { list } = useDashboards()
  const summary = list?.find((one) => one.id === id)
  const { data, refetch, isFetching } = query
  const outdated = data !== undefined && summary !== undefined && summary.version > data.version
  const gone = data !== undefined && list !== undefined && summary === undefined
  useEffect(() => {
    if ((outdated || gone) && !isFetching) void refetch()
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for each version that the list tells of
  }, [outdated, gone, summary?.version, refetch])
  return { ...query, summary }
}

/** What a change answered is what is shown from now on. */
export function keepDashboard(dashboard: SavedDashboard): void {
  queryClient.setQueryData(dashboardQuery(dashboard.id).queryKey, dashboard)
}

function dashboardOf(view: View): SavedDashboard {
  // A trend has no tiles; its address here would be a mistake of whoever wrote it.
  const content: Dashboard = view.kind === 'dashboard' ? view.content : { columns: 12, tiles: [] }
  return { ...view, content }
}

export async function createDashboard(input: {
  name: string
  shared: boolean
  tenant: string | undefined
  content: Dashboard
}): Promise<SavedDashboard> {
  const { tenant, ...rest } = input
  const view = await api.views.create({
    ...rest,
    kind: 'dashboard',
    ...(tenant === undefined ? {} : { tenant }),
  })
  const made = dashboardOf(view)
  keepDashboard(made)
  return made
}

export async function updateDashboard(
  id: string,
  change: { version: number; name?: string; shared?: boolean; content?: Dashboard },
): Promise<SavedDashboard> {
  const saved = dashboardOf(await api.views.update({ viewId: id, ...change }))
  keepDashboard(saved)
  return saved
}

/** A copy of one's own, under the first name that is free: `nameOf(1)`, `nameOf(2)` and so on. */
export async function copyDashboard(
  of: Pick<SavedDashboard, 'content' | 'tenant'>,
  nameOf: (count: number) => string,
): Promise<SavedDashboard> {
  for (let count = 1; ; count++) {
    try {
      return await createDashboard({
        name: nameOf(count).slice(0, 100),
        shared: false,
        tenant: of.tenant?.id,
        content: of.content,
      })
    } catch (error) {
      if (readError(error).code !== 'view_name_taken' || count >= 20) throw error
    }
  }
}
