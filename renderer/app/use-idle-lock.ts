import { useEffect } from 'react'
import { api } from '../api/client.ts'
import { lockSession } from '../api/lock.ts'
import { useMe, useSignInOptions } from '../api/use-session.ts'

/** What only a person does. */
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** ms, of this browser's clock: windows of one browser share it, so that one in the background does not lock the other. */
const KEY = 'millwright.active-at'

/** Looks at the clock this often, ms. */
const LOOK = 1_000

/**
 * Where the site asks for it: locks after so many minutes without a person, and tells the site while there is one. The
 * site counts by itself too: a window that sleeps or is closed is locked all the same.
 */
export function useIdleLock(): void {
  const me = useMe()
  const minutes = useSignInOptions()?.idleLockMinutes ?? null
  const isPerson = me?.kind === 'person' && me.pending === null
  useEffect(() => {
    if (!isPerson || minutes === null) return
    return watchIdle(minutes * 60_000)
  }, [isPerson, minutes])
}

function watchIdle(after: number): () => void {
  const tellEvery = Math.min(60_000, after / 4)
  let seenAt = Date.now()
  let toldAt = 0
  let isTold = true
  const seen = () => {
    const now = Date.now()
    isTold = false
    if (now - seenAt < LOOK) return
    seenAt = now
    localStorage.setItem(KEY, String(now))
  }
  const look = () => {
    const now = Date.now()
    // A clock that was set back counts as a person.
    const elsewhere = Math.min(now, Number(localStorage.getItem(KEY) ?? 0))
    if (now - Math.max(seenAt, elsewhere) >= after) {
      stop()
      void lockSession()
      return
    }
    if (isTold || now - toldAt < tellEvery) return
    toldAt = now
    isTold = true
    // Without a link there is nothing to keep open.
    api.account.active().catch(() => {})
  }
  const stop = () => {
    clearInterval(timer)
    for (const sign of SIGNS) window.removeEventListener(sign, seen, true)
  }
  for (const sign of SIGNS) window.addEventListener(sign, seen, { capture: true, passive: true })
  const timer = setInterval(look, LOOK)
  return stop
}
