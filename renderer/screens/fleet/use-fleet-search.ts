import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { type FleetSearch, readFleetSearch, writeFleetSearch } from './fleet-search.ts'

/** Filters and sort, kept in the address. Typing and looking around do not fill the history. */
export function useFleetSearch(): [FleetSearch, (part: Partial<FleetSearch>) => void] {
  const raw: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const search = useMemo(() => readFleetSearch(raw), [raw])
  const change = (part: Partial<FleetSearch>) => {
    void navigate({
      to: '/fleet',
      search: (before: Record<string, unknown>) => ({
        ...before,
        ...writeFleetSearch({ ...readFleetSearch(before), ...part }),
      }),
      replace: true,
      resetScroll: false,
    })
  }
  return [search, change]
}
