import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { View, ViewSummary } from '#contract/api/views.ts'
import type { Trend } from '#contract/model/trend.ts'
import { api, queryClient, useLive } from '#renderer/api/client.ts'

export type TrendView = Extract<View, { kind: 'trend' }>

/** Saved trends that the person may see, by name; live. */
export function useTrendViews(): { views: readonly ViewSummary[]; ready: boolean; error: unknown } {
  const { value, error } = useLive(['views', 'trend'], (signal) =>
    api.views.watch({ kind: 'trend' }, { signal }),
  )
  return { views: value?.views ?? none, ready: value !== undefined, error }
}
const none: readonly ViewSummary[] = []

const viewQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ['view', id, version],
    queryFn: ({ signal }) => api.views.get({ viewId: id }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })

/** A view with what it shows; undefined while that is asked, null where it is gone, no trend, or another's. */
export function useTrendView(
  id: string | null,
  listed: ViewSummary | undefined,
  ready: boolean,
): TrendView | null | undefined {
  const version = listed?.version ?? 0
  const { data } = useQuery({ ...viewQuery(id ?? '', version), enabled: id !== null && listed !== undefined })
  if (id === null || (ready && listed === undefined)) return null
  return data?.kind === 'trend' ? data : undefined
}

/** Fetches a view to open it. */
export async function fetchTrendView({ id, version }: ViewSummary): Promise<TrendView | null> {
  const view = await queryClient.fetchQuery(viewQuery(id, version))
  return view.kind === 'trend' ? view : null
}

/** What a person can do with a view. Each resolves with the view as it is then. */
export function useViewActions() {
  const remember = (view: View) => queryClient.setQueryData(viewQuery(view.id, view.version).queryKey, view)
  const create = useMutation({
    mutationFn: (input: { name: string; shared: boolean; content: Trend; tenant?: string | undefined }) =>
      api.views.create({ ...input, kind: 'trend' }),
    onSuccess: remember,
  })
  const update = useMutation({
    mutationFn: (input: {
      viewId: string
      version: number
      name?: string
      shared?: boolean
      content?: Trend
    }) => api.views.update(input),
    onSuccess: remember,
  })
  const remove = useMutation({ mutationFn: (viewId: string) => api.views.delete({ viewId }) })
  const reset = useCallback(() => {
    create.reset()
    update.reset()
    remove.reset()
  }, [create, update, remove])
  return { create, update, remove, reset }
}
