import { useSyncExternalStore } from 'react'

export interface ClaimedGateway {
  id: string
  code: string
  name: string
}

/** Of boxes that never come, the oldest are forgotten. */
const MOST = 200

let waiting: readonly ClaimedGateway[] = []
const listeners = new Set<() => void>()

function set(next: readonly ClaimedGateway[]): void {
  waiting = next
  for (const listener of listeners) listener()
}

/** The person claimed it in this window: they are told when it comes online. */
export function noteClaimed({ id, code, name }: ClaimedGateway): void {
  set([...waiting.filter((gateway) => gateway.id !== id), { id, code, name }].slice(-MOST))
}

/** They were told. */
export function forgetClaimed(ids: readonly string[]): void {
  if (waiting.some(({ id }) => ids.includes(id))) set(waiting.filter(({ id }) => !ids.includes(id)))
}

/** Gateways that were claimed here and have not been online since. */
export function useClaimedGateways(): readonly ClaimedGateway[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => waiting,
  )
}
