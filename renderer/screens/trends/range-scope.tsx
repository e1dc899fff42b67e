import { createContext, type ReactNode, useContext, useMemo, useRef } from 'react'
import { DEFAULT_RANGE, type TimeRange } from '#renderer/charts/time-range.ts'
import { useAddressRange } from '#renderer/charts/use-address-range.ts'

/** The range without following it: for what needs it only when something is clicked. */
export interface RangeAccess {
  get(): TimeRange
  set(range: TimeRange): void
}

const Followed = createContext<TimeRange>(DEFAULT_RANGE)
const Access = createContext<RangeAccess>({ get: () => DEFAULT_RANGE, set: () => undefined })

/**
 * Keeps the range of the screen apart from the rest of it: a gesture changes it many times a second, and only
 * the chart and the range control are to follow.
 */
export function RangeScope({ children }: { children: ReactNode }) {
  const [range, set] = useAddressRange()
  const latest = useRef(range)
  latest.current = range
  const access = useMemo(() => ({ get: () => latest.current, set }), [set])
  return (
    <Access value={access}>
      <Followed value={range}>{children}</Followed>
    </Access>
  )
}

export function useRange(): TimeRange {
  return useContext(Followed)
}

export function useRangeAccess(): RangeAccess {
  return useContext(Access)
}
