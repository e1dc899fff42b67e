import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Calculation } from '#contract/api/calculations.ts'
import { api } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'

/** The span that a preview shows, ms. */
export const PREVIEW_SPAN = 8 * 60 * 60_000
const POINTS = 480
/** So long typing has to rest, ms. */
const REST = 400

/** What an expression gives over the last hours; `from` and `to` in ms. The last answer stays while one types. */
export function useCalculationPreview(question: {
  calculation: Calculation | null
  tenant: string | null
  expression: string
  basis: Calculation['basis']
  /** Whether it is known whose channels these are. */
  ready: boolean
}) {
  const { calculation, tenant, basis } = question
  const [expression] = useDebouncedValue(question.expression, REST)
  return useQuery({
    queryKey: ['calculation preview', calculation?.id ?? null, tenant, basis, expression],
    queryFn: async ({ signal }) => {
      const minute = 60_000
      const to = Math.ceil(siteNow() / minute) * minute
      const from = to - PREVIEW_SPAN
      const { buckets } = await api.calculations.preview(
        {
          expression,
          basis,
          from,
          to,
          points: POINTS,
          ...(calculation !== null && { calculationId: calculation.id }),
          ...(calculation === null && tenant !== null && { tenant }),
        },
        { signal },
      )
      return { buckets, from, to }
    },
    enabled: question.ready && expression.trim() !== '',
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  })
}
