import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, queryClient } from '#renderer/api/client.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'

const listQuery = queryOptions({
  queryKey: ['certificates', 'list'],
  queryFn: ({ signal }) => api.certificates.list({}, { signal }),
})
const crlQuery = queryOptions({
  queryKey: ['certificates', 'crl'],
  queryFn: ({ signal }) => api.certificates.crl(undefined, { signal }),
})
export const caQuery = queryOptions({
  queryKey: ['certificates', 'ca'],
  queryFn: ({ signal }) => api.certificates.ca(undefined, { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const useCertificateList = () => useQuery(listQuery)
export const useCrl = () => useQuery(crlQuery)

/**
 * A certificate comes, goes or ends with a change of its gateway: then the list is asked for again. A component, for
 * the fleet changes several times a second and the screen need not.
 */
export function CertificateChanges(): null {
  const { rows, ready } = useFleet()
  const known = useRef<string | null>(null)
  const picture = ready ? fleetPicture(rows) : null
  useEffect(() => {
    if (picture === null) return
    if (known.current !== null && known.current !== picture)
      void queryClient.invalidateQueries({ queryKey: ['certificates'] })
    known.current = picture
  }, [picture])
  return null
}

/** Short for thousands of rows: counts by state and a sum over certificate ends, which any change moves. */
function fleetPicture(rows: readonly { state: string; certificateEnds: number | null }[]): string {
  const states = new Map<string, number>()
  let ends = 0
  for (const row of rows) {
    states.set(row.state, (states.get(row.state) ?? 0) + 1)
    ends = (ends * 31 + Math.floor((row.certificateEnds ?? 0) / 1_000)) % 2_147_483_647
  }
  return `${[...states].toSorted(([a], [b]) => (a < b ? -1 : 1)).join()} ${ends}`
}
