import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { type ClaimsSearch, readClaimsSearch, writeClaimsSearch } from './claims-search.ts'

/** What is shown, kept in the address. Typing and looking around do not fill the history. */
export function useClaimsSearch(): [ClaimsSearch, (part: Partial<ClaimsSearch>) => void] {
  const raw: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const search = useMemo(() => readClaimsSearch(raw), [raw])
  const change = (part: Partial<ClaimsSearch>) => {
    void navigate({
      to: '/claims',
      search: (before: Record<string, unknown>) => ({
        ...before,
        ...writeClaimsSearch({ ...readClaimsSearch(before), ...part }),
      }),
      replace: true,
      resetScroll: false,
    })
  }
  return [search, change]
}
