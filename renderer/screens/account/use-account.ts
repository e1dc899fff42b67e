import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, queryClient } from '#renderer/api/client.ts'

export const accountQuery = queryOptions({
  queryKey: ['account', 'show'],
  queryFn: ({ signal }) => api.account.show(undefined, { signal }),
})

export const sessionsQuery = queryOptions({
  queryKey: ['account', 'sessions'],
  queryFn: ({ signal }) => api.account.sessions(undefined, { signal }),
})

export function useAccount() {
  return useQuery(accountQuery)
}

/** Something about the account changed: it is asked for again, with who is signed in. */
export function accountChanged(): void {
  void queryClient.invalidateQueries({ queryKey: ['account'] })
  void queryClient.invalidateQueries({ queryKey: ['auth', 'me'] })
}
