import { useEffect, useRef, useState } from 'react'

/** The value as it was at most `ms` ago: for what is read rather than seen, and costs more to render than a line. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value)
  const latest = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  latest.current = value
  useEffect(() => {
    if (Object.is(value, settled) || timer.current !== undefined) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      setSettled(latest.current)
    }, ms)
  }, [value, settled, ms])
  useEffect(() => () => clearTimeout(timer.current), [])
  return settled
}
