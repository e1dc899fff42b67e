import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { api, liveQuery } from '#renderer/api/client.ts'
import { pageTime, pathsAbove, TopicStore } from './topic-store.ts'

/** The tree is drawn anew this often while things arrive, ms: often enough to live, seldom enough to be read. */
const REDRAW = 400
/** Levels that are opened one after the other are asked for together, ms. */
const SETTLE = 80
/** As many as the site takes. */
const EXPANDED_MOST = 2_000

/** What was open stays so while one looks at other screens. */
let remembered: ReadonlySet<string> = new Set(['mw'])

export interface TopicTreeState {
  store: TopicStore
  error: unknown
  /** Whether what lies below a path is shown. */
  isOpen: (path: string) => boolean
  setOpen: (path: string, open: boolean) => void
}

/** Follows the tree of topics: the levels that are open, or, with a filter, all that it finds. */
export function useTopicTree({
  filter,
  tenant,
  paused,
  selected,
}: {
  filter: string
  tenant: string | undefined
  paused: boolean
  /** It is to be in sight. */
  selected: string | null
}): TopicTreeState {
  const store = useRef<TopicStore>(null)
  store.current ??= new TopicStore()
  const tree = store.current
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() =>
    selected === null ? remembered : withAll(remembered, pathsAbove(selected)),
  )
  // What a filter found is open but for what one closes.
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [error, setError] = useState<unknown>(null)
  const isFiltered = filter !== ''
  const redraw = useRedraw()
  useEffect(() => {
    remembered = expanded
  }, [expanded])
  useEffect(() => setClosed(new Set()), [filter])

  const asked = useSettled(
    useMemo(
      () => JSON.stringify(isFiltered ? null : [...expanded].slice(0, EXPANDED_MOST)),
      [isFiltered, expanded],
    ),
  )
  useEffect(() => {
    if (paused) return
    const paths = JSON.parse(asked) as string[] | null
    const input = {
      ...(filter !== '' && { filter }),
      ...(tenant !== undefined && { tenant }),
      ...(paths === null ? { all: true } : { expanded: paths }),
    }
    return liveQuery(
      (signal) => {
        tree.begin()
        return api.topics.watch(input, { signal })
      },
      {
        onValue(value) {
          setError(null)
          tree.apply(value, pageTime())
          redraw()
        },
        onError: setError,
      },
    )
  }, [asked, filter, tenant, paused, tree, redraw])

  const isOpen = useCallback(
    (path: string) => (isFiltered ? !closed.has(path) : expanded.has(path)),
    [isFiltered, closed, expanded],
  )
  const setOpen = useCallback(
    (path: string, open: boolean) =>
      isFiltered
        ? setClosed((before) => changed(before, path, !open))
        : setExpanded((before) => changed(before, path, open)),
    [isFiltered],
  )
  return { store: tree, error, isOpen, setOpen }
}

/** A call draws soon, and many together once. */
function useRedraw(): () => void {
  const [, draw] = useState(0)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const last = useRef(0)
  useEffect(() => () => clearTimeout(timer.current), [])
  return useCallback(() => {
    if (timer.current !== undefined) return
    const wait = Math.max(0, last.current + REDRAW - performance.now())
    timer.current = setTimeout(() => {
      timer.current = undefined
      last.current = performance.now()
      draw((count) => count + 1)
    }, wait)
  }, [])
}

function useSettled<T>(value: T): T {
  const [settled, set] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => set(value), SETTLE)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

function changed(before: ReadonlySet<string>, path: string, has: boolean): ReadonlySet<string> {
  const next = new Set(before)
  if (has) next.add(path)
  else next.delete(path)
  return next
}

function withAll(before: ReadonlySet<string>, paths: readonly string[]): ReadonlySet<string> {
  return new Set([...before, ...paths])
}
