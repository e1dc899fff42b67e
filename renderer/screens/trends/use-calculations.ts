import { queryOptions, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Calculation } from '#contract/api/calculations.ts'
import { api, queryClient } from '#renderer/api/client.ts'

const calculationsQuery = queryOptions({
  queryKey: ['calculations'],
  queryFn: ({ signal }) => api.calculations.list({}, { signal }),
})

export interface Calculations {
  /** In the order of their names. */
  all: readonly Calculation[]
  byId: ReadonlyMap<string, Calculation>
  ready: boolean
  error: unknown
  retry(): void
}

const inOrder = new Intl.Collator(undefined, { numeric: true })

/** Every calculated channel that the person may see. Their ids go where those of channels do. */
export function useCalculations(): Calculations {
  const { data, error, refetch } = useQuery(calculationsQuery)
  const calculations = data?.calculations
  return useMemo(() => {
    const all = (calculations ?? []).toSorted((a, b) => inOrder.compare(a.name, b.name))
    return {
      all,
      byId: new Map(all.map((calculation) => [calculation.id, calculation])),
      ready: calculations !== undefined,
      error,
      retry: () => void refetch(),
    }
  }, [calculations, error, refetch])
}

/** The list is fetched anew: one was made, changed or deleted. */
export function calculationsChanged(): void {
  void queryClient.invalidateQueries({ queryKey: calculationsQuery.queryKey })
}
