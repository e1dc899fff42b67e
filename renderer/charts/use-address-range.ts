import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'
import { DEFAULT_RANGE, formatRange, parseRange, type TimeRange } from './time-range.ts'

/** A gesture is written to the address when it rests, in ms: browsers bound how often an address may change. */
const REST = 300

/**
 * The range of a screen, kept in its address as `range` so that a link shows the same; changes are seen at once
 * and leave no trail in the history.
 */
export function useAddressRange(
  fallback: TimeRange = DEFAULT_RANGE,
): [TimeRange, (range: TimeRange) => void] {
  const search: { range?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const [range, setRange] = useState(() => parseRange(search.range) ?? fallback)
  const written = useRef<unknown>(search.range)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    if (search.range === written.current) return
    written.current = search.range
    const parsed = parseRange(search.range)
    if (parsed !== null) setRange(parsed)
  }, [search.range])
  useEffect(() => () => clearTimeout(timer.current), [])

  const change = useCallback(
    (next: TimeRange) => {
      setRange(next)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        const text = formatRange(next)
        written.current = text
        void navigate({
          to: '.',
          search: (previous: Record<string, unknown>) => ({ ...previous, range: text }),
          replace: true,
        })
      }, REST)
    },
    [navigate],
  )
  return [range, change]
}
