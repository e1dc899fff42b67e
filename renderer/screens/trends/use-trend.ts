import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import type { Trend } from '#contract/model/trend.ts'
import { formatRange, parseRange } from '#renderer/charts/time-range.ts'
import { useRangeAccess } from './range-scope.tsx'
import { searchOf, settingsOf, type TrendSettings } from './trend-address.ts'

export interface TrendInAddress {
  settings: TrendSettings
  /** The saved view that it came from. */
  viewId: string | null
  /** As a view holds it, now. */
  content(): Trend
  change(settings: TrendSettings): void
  /** Shows a saved view; null: none any more, with what is shown as it is. */
  open(view: { id: string; content: Trend } | null): void
}

/** What the screen shows but for its range, all of it in its address: a link shows the same, to whoever may see it. */
export function useTrend(): TrendInAddress {
  // As text, so that a change of the range alone goes past.
  const key = useSearch({
    strict: false,
    select: (search: Record<string, unknown>) =>
      JSON.stringify({ ...searchOf(settingsOf(search)), view: search['view'] }),
  })
  const navigate = useNavigate()
  const { get, set } = useRangeAccess()
  const { settings, viewId } = useMemo(() => {
    const search = JSON.parse(key) as Record<string, unknown>
    return {
      settings: settingsOf(search),
      viewId: typeof search['view'] === 'string' ? search['view'] : null,
    }
  }, [key])
  const go = useCallback(
    (change: Record<string, unknown>, replace: boolean) =>
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => ({ ...before, ...change }),
        replace,
      }),
    [navigate],
  )
  const change = useCallback((next: TrendSettings) => go({ ...searchOf(next) }, true), [go])
  const open = useCallback<TrendInAddress['open']>(
    (view) => {
      if (view === null) return go({ view: undefined }, true)
      const { content, id } = view
      const shown = parseRange(content.range)
      if (shown !== null) set(shown)
      go({ ...searchOf(content), range: content.range, view: id }, false)
    },
    [go, set],
  )
  const content = useCallback(() => ({ ...settings, range: formatRange(get()) }), [settings, get])
  return useMemo(
    () => ({ settings, viewId, content, change, open }),
    [settings, viewId, content, change, open],
  )
}
