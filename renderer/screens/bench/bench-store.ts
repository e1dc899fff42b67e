import { useSyncExternalStore } from 'react'
import { api } from '#renderer/api/client.ts'
import { liveQuery } from '#renderer/api/live.ts'
import { applyBenchMessage, type BenchState, emptyBench, endingOf } from './bench-state.ts'
import { beep } from './sounds.ts'

/** Boards tell their progress five times a second each: what comes meanwhile is drawn together, ms. */
const DRAW = 40

const listeners = new Set<() => void>()
let latest = emptyBench
let shown: BenchStore = { state: emptyBench, error: null }
let failure: unknown = null
let stop: (() => void) | null = null
let timer: ReturnType<typeof setTimeout> | undefined

export interface BenchStore {
  state: BenchState
  /** A refusal that ended the subscription; null where there is none. */
  error: unknown
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  stop ??= liveQuery((signal) => api.bench.watch(undefined, { signal }), {
    onValue(message) {
      const ending = endingOf(latest, message)
      if (ending !== null) beep(ending)
      latest = applyBenchMessage(latest, message)
      failure = null
      if (message.event === 'snapshot') show()
      else timer ??= setTimeout(show, DRAW)
    },
    onError(error) {
      failure = error
      show()
    },
  })
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) forget()
  }
}

function show(): void {
  clearTimeout(timer)
  timer = undefined
  shown = { state: latest, error: failure }
  for (const listener of listeners) listener()
}

/** Places are kept: who comes back finds each port where it was. Another person sees no more than these names of ports. */
function forget(): void {
  stop?.()
  stop = null
  clearTimeout(timer)
  timer = undefined
  latest = { ...emptyBench, places: latest.places }
  shown = { state: latest, error: null }
}

/** Everything on the bench, live: one subscription, however many read it. */
export function useBench(): BenchStore {
  return useSyncExternalStore(subscribe, () => shown)
}
