import { useDeferredValue, useMemo, useRef } from 'react'
import type { FleetRow } from '#contract/model/gateway.ts'
import type { Fleet } from '#renderer/api/fleet-store.ts'
import { useNow } from '#renderer/ui/now.ts'
import { type Ordered, orderRows } from '#renderer/ui/table/order.ts'
import { type FleetView, filterFleet } from './fleet-filter.ts'
import type { FleetSearch } from './fleet-search.ts'
import type { FleetColumn } from './use-columns.tsx'

export interface ShownFleet {
  rows: readonly FleetRow[]
  counts: Record<FleetView, number>
}

/** The rows to show: filtered, then sorted, renewed with each message and once a second for what goes stale. */
export function useShownFleet(
  fleet: Fleet,
  search: FleetSearch,
  tenantId: string | null,
  groupIds: ReadonlySet<string> | null,
  columns: readonly FleetColumn[],
): ShownFleet {
  const now = useNow()
  const text = useDeferredValue(search.text)
  const { view, firmware, dialect } = search
  const filtered = useMemo(
    () => filterFleet(fleet.rows, { view, text, tenantId, groupIds, firmware, dialect }, now),
    [fleet.rows, view, text, tenantId, groupIds, firmware, dialect, now],
  )
  const before = useRef<Ordered<FleetRow> | undefined>(undefined)
  const { column: columnId, direction } = search.sort
  return useMemo(() => {
    const sortKey = columns.find(({ id }) => id === columnId)?.sortKey
    // The fleet comes in the order of its codes.
    if (sortKey === undefined || (columnId === 'code' && direction === 'ascending')) return filtered
    before.current = orderRows(filtered.rows, columnId, sortKey, direction, before.current)
    return { rows: before.current.rows, counts: filtered.counts }
  }, [filtered, columns, columnId, direction])
}
