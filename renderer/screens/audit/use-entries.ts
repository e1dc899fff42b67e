import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AuditEntry, AuditFilter } from '#contract/api/audit.ts'
import { api } from '#renderer/api/client.ts'

/** Entries of one page. */
const PAGE = 200

/** An entry as a row of the table. */
export type EntryRow = AuditEntry & { id: string }

/** The newest entries that match, and older ones as they are asked for. */
export function useEntries(filter: AuditFilter) {
  const query = useInfiniteQuery({
    queryKey: ['audit', 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      api.audit.list(
        { ...filter, limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  })
  const rows = useMemo(
    () =>
      (query.data?.pages ?? []).flatMap(({ entries }) =>
        entries.map((entry): EntryRow => ({ ...entry, id: String(entry.seq) })),
      ),
    [query.data],
  )
  return { ...query, rows }
}

/** What can stand in filters. */
export function useAuditActions() {
  return useQuery({
    queryKey: ['audit', 'actions'],
    queryFn: ({ signal }) => api.audit.actions(undefined, { signal }),
  }).data
}

/** How far the chain is proved, and how long entries are kept. */
export function useAuditStatus() {
  return useQuery({
    queryKey: ['audit', 'status'],
    queryFn: ({ signal }) => api.audit.status(undefined, { signal }),
  })
}
