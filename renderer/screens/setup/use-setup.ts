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

/** The machine's address to serve unless the person chooses: the first one that gateways can reach. */
export function proposedAddress(machine: Begun | null): Begun['addresses'][number] | undefined {
  return machine?.addresses.find(({ kind }) => kind === 'lan') ?? machine?.addresses[0]
}
