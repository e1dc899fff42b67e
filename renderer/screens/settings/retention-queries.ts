import { queryOptions } from '@tanstack/react-query'
import { api, queryClient } from '#renderer/api/client.ts'

export const retentionQuery = queryOptions({
  queryKey: ['retention', 'show'],
  queryFn: ({ signal }) => api.retention.show(undefined, { signal }),
})

/** What there is to choose from, for those who may not change it. */
export const retentionClassesQuery = queryOptions({
  queryKey: ['retention', 'classes'],
  queryFn: ({ signal }) => api.retention.classes(undefined, { signal }),
})

export const storageQuery = queryOptions({
  queryKey: ['retention', 'storage'],
  queryFn: ({ signal }) => api.retention.storage(undefined, { signal }),
  refetchInterval: 60_000,
})

/** Classes, choices or budget changed: files and forecast may follow. */
export function retentionChanged(): void {
  void queryClient.invalidateQueries({ queryKey: ['retention'] })
}
