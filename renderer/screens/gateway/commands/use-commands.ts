import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { api } from '#renderer/api/client.ts'

const commandsQuery = (gateway: string) =>
  infiniteQueryOptions({
    queryKey: ['gateway', gateway, 'commands'],
    queryFn: ({ signal, pageParam }) =>
      api.commands.list(
        { gateway, limit: 100, ...(pageParam !== null && { before: pageParam }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })

/** Newest first, page by page; asked again when the site says that they changed. */
export const useCommands = (gateway: string) => useInfiniteQuery(commandsQuery(gateway))
