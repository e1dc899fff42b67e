import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { type AuditSearch, readAuditSearch, writeAuditSearch } from './audit-search.ts'

/** Filters and the open entry, kept in the address. Typing and looking around do not fill the history. */
export function useAuditSearch(): [AuditSearch, (part: Partial<AuditSearch>) => void] {
  const raw: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const search = useMemo(() => readAuditSearch(raw), [raw])
  const change = (part: Partial<AuditSearch>) => {
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({
        ...before,
        ...writeAuditSearch({ ...readAuditSearch(before), ...part }),
      }),
      replace: true,
      resetScroll: false,
    })
  }
  return [search, change]
}
