import { useBlocker } from '@tanstack/react-router'
import { useCallback, useMemo, useRef } from 'react'

export interface LeaveGuard {
  /** Somebody is about to leave, and is asked. */
  blocked: boolean
  isBlocked(): boolean
  /** Leaves after all. */
  proceed(): void
  stay(): void
  /** Lets the next step go by: what it leaves behind is saved, or not wanted. */
  release(): void
}

/** Asks before an address is left with changes that are not saved; the browser asks where the page itself ends. */
export function useLeaveGuard(dirty: boolean): LeaveGuard {
  const released = useRef(false)
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => {
      if (!dirty || released.current) return false
      // The range in the address, or a choice in it, is no leaving.
      const { edit } = next.search as { edit?: unknown }
      return current.pathname !== next.pathname || edit === undefined
    },
    enableBeforeUnload: () => dirty && !released.current,
    withResolver: true,
  })
  const release = useCallback(() => {
    released.current = true
  }, [])
  return useMemo(
    () => ({
      blocked: blocker.status === 'blocked',
      isBlocked: () => blocker.status === 'blocked',
      proceed: () => {
        released.current = true
        blocker.proceed?.()
      },
      stay: () => blocker.reset?.(),
      release,
    }),
    [blocker, release],
  )
}
