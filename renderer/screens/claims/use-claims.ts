import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { ClaimWindow, Knock } from '#contract/api/claims.ts'
import { api, queryClient, useLinkState, useLiveEffect } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'

const PAGE = 1_000
/** Boxes that are shown; the site keeps no more that wait. */
const MOST = 10_000
/** A list of a thousand is asked for anew this often at most, ms; a longer one less often. */
const LEAST_INTERVAL = 1_000

export const knocksQuery = (state: Knock['state'], tenant: string | null) =>
  queryOptions({
    queryKey: ['claims', 'list', state, tenant],
    queryFn: async ({ signal }) => {
      const knocks: Knock[] = []
      let waiting = 0
      let after: string | undefined
      do {
        const asked = { state, limit: PAGE, ...(after && { after }), ...(tenant !== null && { tenant }) }
        const page = await api.claims.list(asked, { signal })
        knocks.push(...page.knocks)
        waiting = page.waiting
        after = page.next ?? undefined
      } while (after !== undefined && knocks.length < MOST)
      return { knocks, waiting }
    },
    staleTime: 0,
    // Comparing ten thousand boxes with the ten thousand before costs more than drawing the thirty that are seen.
    structuralSharing: false,
  })

const windowsQuery = queryOptions({
  queryKey: ['claims', 'windows'],
  queryFn: ({ signal }) => api.claims.windows(undefined, { signal }),
  staleTime: 0,
})

/** Boxes in a state, newest first; of claimed ones those of a tenant, where one is given. */
export function useKnocks(state: Knock['state'], tenant: string | null) {
  return useQuery(knocksQuery(state, tenant))
}

export function useClaimWindows() {
  return useQuery(windowsQuery)
}

/** After an action of this person. */
export function claimsChanged(): void {
  void queryClient.invalidateQueries({ queryKey: ['claims'] })
}

/** Asks again for what the site says has changed, a long list not all the time; and for everything after a lost link. */
export function useClaimChanges(shown: number): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const last = useRef(0)
  const interval = useRef(LEAST_INTERVAL)
  interval.current = Math.max(LEAST_INTERVAL, shown)
  useLiveEffect(
    ['claims'],
    (signal) => api.claims.watch(undefined, { signal }),
    ({ changed }) => {
      // Who sees which boxes may be another matter now.
      if (changed.includes('windows')) claimsChanged()
      if (!changed.includes('knocks') || timer.current !== undefined) return
      const wait = Math.max(0, last.current + interval.current - Date.now())
      timer.current = setTimeout(() => {
        timer.current = undefined
        last.current = Date.now()
        void queryClient.invalidateQueries({ queryKey: ['claims', 'list'] })
      }, wait)
    },
  )
  useEffect(() => () => clearTimeout(timer.current), [])
  const link = useLinkState()
  const lost = useRef(false)
  useEffect(() => {
    if (link === 'lost') lost.current = true
    if (link !== 'live' || !lost.current) return
    lost.current = false
    claimsChanged()
  }, [link])
}

/** Asks again when a window ends by itself, for who sees what ends with it. */
export function useWindowEnds(windows: readonly ClaimWindow[] | undefined): void {
  const next = Math.min(...(windows ?? []).map(({ endsAt }) => endsAt.getTime()))
  useEffect(() => {
    if (!Number.isFinite(next)) return
    const timer = setTimeout(claimsChanged, Math.max(0, next - siteNow()) + 500)
    return () => clearTimeout(timer)
  }, [next])
}
