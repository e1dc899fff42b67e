import { useQuery } from '@tanstack/react-query'
import { api } from '#renderer/api/client.ts'

export type Begun = Awaited<ReturnType<typeof api.setup.begin>>
export type Completed = Awaited<ReturnType<typeof api.setup.complete>>

/** The machine's addresses, for those who need no code. */
export function useBegin(enabled: boolean) {
  return useQuery({
    queryKey: ['setup', 'begin'],
    queryFn: () => api.setup.begin({ code: '' }),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
