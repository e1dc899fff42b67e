import { useSyncExternalStore } from 'react'
import type { FleetRow } from '#contract/model/gateway.ts'
import { api } from './client.ts'
import { applyFleetMessage, type Fleet } from './fleet-message.ts'
import { liveQuery } from './live.ts'

/** The fleet is kept this long after its last reader, so that going back shows it at once, in ms. */
const LINGER = 5 * 60_000

export type { Fleet } from './fleet-message.ts'

const empty: Fleet = { ready: false, rows: [], byId: new Map(), error: undefined, version: 0 }
const listeners = new Set<() => void>()
let fleet = empty
let stop: (() => void) | null = null
let linger: ReturnType<typeof setTimeout> | undefined

function set(next: Fleet): void {
  fleet = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  clearTimeout(linger)
  stop ??= liveQuery((signal) => api.gateways.watch(undefined, { signal }), {
    onValue: (message) => set(applyFleetMessage(fleet, message)),
    onError: (error) => set({ ...fleet, error }),
  })
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) linger = setTimeout(forgetFleet, LINGER)
  }
}

/** Ends the subscription and forgets the fleet. */
export function forgetFleet(): void {
  clearTimeout(linger)
  stop?.()
  stop = null
  set(empty)
}

/** Every gateway the person may see, live. One subscription for all screens. */
export function useFleet(): Fleet {
  return useSyncExternalStore(subscribe, () => fleet)
}

/** One gateway's live row; undefined until it is known, or when it is gone. */
export function useFleetRow(gatewayId: string): FleetRow | undefined {
  return useSyncExternalStore(subscribe, () => fleet.byId.get(gatewayId))
}
