import { useSyncExternalStore } from 'react'

/** `connecting`: the first connection is under way. `lost`: it was there, or could not be made; it is tried again. */
export type LinkState = 'live' | 'connecting' | 'lost'

type Listener = () => void

const listeners = new Set<Listener>()
let state: LinkState = 'connecting'

export function linkState(): LinkState {
  return state
}

export function setLinkState(next: LinkState): void {
  if (next === state) return
  state = next
  for (const listener of listeners) listener()
}

export function onLinkState(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether live values arrive now. */
export function useLinkState(): LinkState {
  return useSyncExternalStore(onLinkState, linkState)
}
