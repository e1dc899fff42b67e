import { useEffect, useRef } from 'react'
import type { TrendInAddress } from './use-trend.ts'
import { type TrendView, useTrendView, useTrendViews } from './use-views.ts'

/**
 * The saved view that the address names. An address that names one and shows nothing, as people write them by hand,
 * gets what the view shows.
 */
export function useOpenedView(trend: TrendInAddress): TrendView | null {
  const { views, ready } = useTrendViews()
  const listed = views.find(({ id }) => id === trend.viewId)
  const view = useTrendView(trend.viewId, listed, ready) ?? null
  const isEmpty = trend.settings.channels.length === 0
  const { open } = trend
  const begun = useRef(false)
  useEffect(() => {
    // Only as the address was opened: whoever takes the last channel away means it.
    if (!isEmpty) begun.current = true
    if (begun.current || view === null || view.content.channels.length === 0) return
    begun.current = true
    open(view)
  }, [view, isEmpty, open])
  return view
}
