import { useSyncExternalStore } from 'react'
import { siteNow } from '../api/site-clock.ts'

const listeners = new Set<() => void>()
let now = siteNow()
let timer: ReturnType<typeof setTimeout> | undefined

/** Ticks on the whole second, so that every age on the screen changes in one paint. */
function tick(): void {
  now = siteNow()
  for (const listener of listeners) listener()
  timer = setTimeout(tick, 1000 - (now % 1000))
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) tick()
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearTimeout(timer)
    timer = undefined
  }
}

/** The site's time in ms, renewed once a second by one timer for all. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}
