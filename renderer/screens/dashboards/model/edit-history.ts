import type { Dashboard } from '#contract/model/dashboard.ts'

/** The dashboard under one's hands, and the way back. */
export interface EditHistory {
  past: readonly Dashboard[]
  now: Dashboard
  future: readonly Dashboard[]
  /** Names the change that made `now`: further ones of the same name are one step of the way back. */
  key: string | null
}

/** Steps that can be undone. */
const STEPS = 100

export function historyOf(dashboard: Dashboard): EditHistory {
  return { past: [], now: dashboard, future: [], key: null }
}

/** What stood before the changes of this name; `now` where another change came after. */
export function before(history: EditHistory, key: string): Dashboard {
  return history.key === key ? (history.past.at(-1) ?? history.now) : history.now
}

/** With a key, a run of changes is undone at once: an arrow pressed ten times, a title typed. */
export function changed(history: EditHistory, next: Dashboard, key: string | null = null): EditHistory {
  if (next === history.now) return history
  const goesOn = key !== null && key === history.key
  // Back where the run began: as if there had been none.
  if (goesOn && next === history.past.at(-1))
    return { past: history.past.slice(0, -1), now: next, future: [], key: null }
  const past = goesOn ? history.past : [...history.past, history.now].slice(-STEPS)
  return { past, now: next, future: [], key }
}

export function undone(history: EditHistory): EditHistory {
  const previous = history.past.at(-1)
  if (previous === undefined) return history
  return {
    past: history.past.slice(0, -1),
    now: previous,
    future: [history.now, ...history.future],
    key: null,
  }
}

export function redone(history: EditHistory): EditHistory {
  const [next, ...future] = history.future
  if (next === undefined) return history
  return { past: [...history.past, history.now], now: next, future, key: null }
}
