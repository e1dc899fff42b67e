import { useCallback, useMemo, useReducer } from 'react'
import type { Dashboard } from '#contract/model/dashboard.ts'
import { before, changed, type EditHistory, historyOf, redone, undone } from '../model/edit-history.ts'

type Action =
  | { type: 'change'; key: string | null; change(dashboard: Dashboard): Dashboard; from: 'now' | 'before' }
  | { type: 'undo' }
  | { type: 'redo' }
  | { type: 'load'; dashboard: Dashboard }

export interface Draft {
  now: Dashboard
  canUndo: boolean
  canRedo: boolean
  /** With a key, a run of changes is one step of the way back. */
  change(change: (dashboard: Dashboard) => Dashboard, key?: string): void
  /**
   * As `change`, but from what stood before the run began: a tile that goes over others on its way leaves them where
   * they were.
   */
  arrange(change: (dashboard: Dashboard) => Dashboard, key: string): void
  undo(): void
  redo(): void
  load(dashboard: Dashboard): void
}

/** A dashboard under one's hands, with undo. */
export function useDraft(dashboard: Dashboard): Draft {
  const [history, dispatch] = useReducer(step, dashboard, historyOf)
  const change = useCallback<Draft['change']>(
    (make, key) => dispatch({ type: 'change', key: key ?? null, change: make, from: 'now' }),
    [],
  )
  const arrange = useCallback<Draft['arrange']>(
    (make, key) => dispatch({ type: 'change', key, change: make, from: 'before' }),
    [],
  )
  const undo = useCallback(() => dispatch({ type: 'undo' }), [])
  const redo = useCallback(() => dispatch({ type: 'redo' }), [])
  const load = useCallback((next: Dashboard) => dispatch({ type: 'load', dashboard: next }), [])
  return useMemo(
    () => ({
      now: history.now,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      change,
      arrange,
      undo,
      redo,
      load,
    }),
    [history, change, arrange, undo, redo, load],
  )
}

function step(history: EditHistory, action: Action): EditHistory {
  switch (action.type) {
    case 'change': {
      const base = action.from === 'before' && action.key !== null ? before(history, action.key) : history.now
      return changed(history, action.change(base), action.key)
    }
    case 'undo':
      return undone(history)
    case 'redo':
      return redone(history)
    case 'load':
      return historyOf(action.dashboard)
  }
}
