import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, queryClient } from '#renderer/api/client.ts'

const PAGE = 200
const KEY = ['cloud', 'dead-letters']

/** What was refused, newest first, a page at a time; asked for anew when the link tells another count. */
export function useDeadLetters(count: number) {
  const query = useInfiniteQuery({
    queryKey: KEY,
    queryFn: ({ pageParam, signal }) =>
      api.cloud.deadLetters({ limit: PAGE, ...(pageParam !== null && { after: pageParam }) }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
  const before = useRef(count)
  useEffect(() => {
    if (before.current !== count) void queryClient.invalidateQueries({ queryKey: KEY })
    before.current = count
  }, [count])
  return {
    letters: query.data?.pages.flatMap(({ deadLetters }) => deadLetters),
    total: query.data?.pages[0]?.total ?? 0,
    error: query.error,
    refetch: () => void query.refetch(),
    hasMore: query.hasNextPage,
    more: () => void query.fetchNextPage(),
    isLoadingMore: query.isFetchingNextPage,
  }
}

export function deadLettersChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: KEY })
}
