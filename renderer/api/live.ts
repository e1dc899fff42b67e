import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import { backoff, sleep } from './backoff.ts'
import { readError } from './read-error.ts'

/** Opens a subscription of the contract: `(signal) => api.gateways.watch(undefined, { signal })`. */
export type Open<T> = (signal: AbortSignal) => Promise<AsyncIterable<T>>

export interface LiveHandlers<T> {
  onValue(value: T): void
  /** A refusal, such as `not_found`: it ends the subscription. A lost link does not. */
  onError?(error: unknown): void
}

/**
 * Follows a subscription until the returned function is called: subscribes again after a lost link, so the first
 * value after a gap has to be complete (every `watch` of the contract begins with the whole).
 */
export function liveQuery<T>(open: Open<T>, handlers: LiveHandlers<T>): () => void {
  const controller = new AbortController()
  void follow(open, handlers, controller.signal)
  return () => controller.abort()
}

const refusedListeners = new Set<() => void>()

/** Told when the site refuses because its caller is no longer who they were: signed out, locked, or with other rights. */
export function onStreamRefused(listener: () => void): () => void {
  refusedListeners.add(listener)
  return () => refusedListeners.delete(listener)
}

/** These say that the person, not the question, is what the site refuses. */
const aboutPerson = new Set(['not_signed_in', 'session_locked', 'account_pending'])

/** Has whoever looks after the session find out who the person is now. */
export function noteRefusal(code: string): void {
  if (aboutPerson.has(code)) for (const listener of refusedListeners) listener()
}

async function follow<T>(open: Open<T>, handlers: LiveHandlers<T>, signal: AbortSignal): Promise<void> {
  let attempt = 0
  while (!signal.aborted) {
    try {
      for await (const value of await open(signal)) {
        if (signal.aborted) return
        attempt = 0
        handlers.onValue(value)
      }
    } catch (error) {
      if (signal.aborted) return
      const { code } = readError(error)
      noteRefusal(code)
      // Who is still signed in goes on under the rights of now; else the call itself says so, and the session ends.
      const passing =
        code === 'not_signed_in' ||
        code === 'link_lost' ||
        code === 'internal' ||
        code === 'site_stopping' ||
        code === 'cancelled'
      if (!passing) return handlers.onError?.(error)
    }
    await sleep(backoff(attempt), signal)
    attempt += 1
  }
}

interface Shared {
  value: unknown
  error: unknown
  users: number
  stop: (() => void) | null
  linger: ReturnType<typeof setTimeout> | undefined
  listeners: Set<() => void>
  snapshot: Live<unknown>
}

export interface Live<T> {
  /** The last value, kept over a lost link and for a while after the last screen that used it. */
  value: T | undefined
  error: unknown
}

/** A subscription outlives its last user by this long, so that going back finds its values, in ms. */
const LINGER = 30_000
const nothing: Live<unknown> = { value: undefined, error: undefined }
const shared = new Map<string, Shared>()

/** Ends every shared subscription and forgets its values: another person may sign in. */
export function forgetLive(): void {
  for (const entry of shared.values()) {
    entry.stop?.()
    clearTimeout(entry.linger)
  }
  shared.clear()
}

/**
 * The latest value of a subscription. Components that use the same key share one subscription.
 *
 * @example const { value: pulse } = useLive(['pulse'], (signal) => api.site.watchPulse(undefined, { signal }))
 */
export function useLive<T>(key: readonly unknown[], open: Open<T>, enabled = true): Live<T> {
  const name = JSON.stringify(key)
  const latestOpen = useRef(open)
  latestOpen.current = open
  const subscribe = useCallback(
    (listener: () => void) => (enabled ? join(name, latestOpen, listener) : () => {}),
    [name, enabled],
  )
  const read = () => (enabled ? (shared.get(name)?.snapshot ?? nothing) : nothing)
  return useSyncExternalStore(subscribe, read) as Live<T>
}

function join<T>(name: string, open: { current: Open<T> }, listener: () => void): () => void {
  const entry = shared.get(name) ?? begin(name, open)
  clearTimeout(entry.linger)
  entry.users += 1
  entry.listeners.add(listener)
  return () => {
    entry.users -= 1
    entry.listeners.delete(listener)
    if (entry.users > 0 || shared.get(name) !== entry) return
    entry.linger = setTimeout(() => {
      entry.stop?.()
      shared.delete(name)
    }, LINGER)
  }
}

function begin<T>(name: string, open: { current: Open<T> }): Shared {
  const entry: Shared = {
    value: undefined,
    error: undefined,
    users: 0,
    stop: null,
    linger: undefined,
    listeners: new Set(),
    snapshot: nothing,
  }
  shared.set(name, entry)
  const tell = () => {
    entry.snapshot = { value: entry.value, error: entry.error }
    for (const listener of entry.listeners) listener()
  }
  entry.stop = liveQuery<T>((signal) => open.current(signal), {
    onValue(value) {
      entry.value = value
      entry.error = undefined
      tell()
    },
    onError(error) {
      entry.error = error
      tell()
    },
  })
  return entry
}

/** Hands each value of a subscription to `onValue`, without rendering; for live tails and query invalidation. */
export function useLiveEffect<T>(
  key: readonly unknown[],
  open: Open<T>,
  onValue: (value: T) => void,
  enabled = true,
): void {
  const latest = useRef({ open, onValue })
  latest.current = { open, onValue }
  const name = JSON.stringify(key)
  // The name stands for what is subscribed to; `open` itself is new with each render.
  useEffect(() => {
    if (!enabled) return
    return liveQuery<T>((signal) => latest.current.open(signal), {
      onValue: (value) => latest.current.onValue(value),
    })
  }, [name, enabled])
}
