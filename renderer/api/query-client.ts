import { QueryClient } from '@tanstack/react-query'
import { readError } from './read-error.ts'

/**
 * Answers are kept until a subscription says that they changed: nothing is fetched again because a window came to
 * the front. Only a lost link is tried again by itself; a refusal stays a refusal.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      // The browser's opinion of "offline" means nothing on a plant network without internet.
      networkMode: 'always',
      retry: (count, error) => count < 3 && readError(error).code === 'link_lost',
    },
    mutations: { networkMode: 'always', retry: false },
  },
})
