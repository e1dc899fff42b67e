import type uPlot from 'uplot'
import { panned, type TimeWindow, zoomed } from './time-range.ts'

/** What the person did to the window of a chart. */
export type OnWindow = (window: TimeWindow) => void

/** The share of the window that one notch of the wheel adds or takes. */
const WHEEL = 0.0015

function windowShown(plot: uPlot): TimeWindow | null {
  const { min, max } = plot.scales.x ?? {}
  return typeof min === 'number' && typeof max === 'number' ? { from: min, to: max } : null
}

/**
 * Wheel zooms around the cursor, shift and wheel (or a sideways wheel) pans, shift and drag pans; a plain drag
 * selects what to zoom into. Returns the way to take the listeners off again.
 */
export function attachGestures(plot: uPlot, onWindow: OnWindow): () => void {
  const { root, over } = plot
  let frame = 0
  let next: TimeWindow | null = null
  const tell = (window: TimeWindow) => {
    next = window
    // Drawn at once; told once a frame, for wheels fire faster than screens draw.
    plot.setScale('x', { min: window.from, max: window.to })
    if (frame !== 0) return
    frame = requestAnimationFrame(() => {
      frame = 0
      if (next !== null) onWindow(next)
    })
  }

  const onWheel = (event: WheelEvent) => {
    const shown = windowShown(plot)
    if (shown === null) return
    event.preventDefault()
    const box = over.getBoundingClientRect()
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      tell(panned(shown, ((sideways * unit) / box.width) * (shown.to - shown.from)))
      return
    }
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
    tell(zoomed(shown, shown.from + share * (shown.to - shown.from), Math.exp(event.deltaY * unit * WHEEL)))
  }

  let grabbed: { x: number; window: TimeWindow } | null = null
  const onDown = (event: MouseEvent) => {
    const shown = windowShown(plot)
    if (event.button !== 0 || !event.shiftKey || shown === null) return
    // uPlot would start its own selection.
    event.stopPropagation()
    event.preventDefault()
    grabbed = { x: event.clientX, window: shown }
    over.style.cursor = 'grabbing'
  }
  const onMove = (event: MouseEvent) => {
    if (grabbed === null) return
    const { window } = grabbed
    const moved = (event.clientX - grabbed.x) / over.getBoundingClientRect().width
    tell(panned(window, -moved * (window.to - window.from)))
  }
  const onUp = () => {
    grabbed = null
    over.style.cursor = ''
  }

  root.addEventListener('wheel', onWheel, { passive: false })
  root.addEventListener('mousedown', onDown, { capture: true })
  document.addEventListener('mousemove', onMove)
  document.addEventListener('mouseup', onUp)
  return () => {
    cancelAnimationFrame(frame)
    root.removeEventListener('wheel', onWheel)
    root.removeEventListener('mousedown', onDown, { capture: true })
    document.removeEventListener('mousemove', onMove)
    document.removeEventListener('mouseup', onUp)
  }
}

/** Arrows pan by a tenth, plus and minus zoom, Home goes back to live; true where the key was one of these. */
export function keyGesture(
  key: string,
  window: TimeWindow,
  act: { onWindow: OnWindow; onLive: () => void },
): boolean {
  const span = window.to - window.from
  switch (key) {
    case 'ArrowLeft':
      act.onWindow(panned(window, -span / 10))
      return true
    case 'ArrowRight':
      act.onWindow(panned(window, span / 10))
      return true
    case '+':
    case '=':
      act.onWindow(zoomed(window, window.to - span / 2, 0.7))
      return true
    case '-':
      act.onWindow(zoomed(window, window.to - span / 2, 1 / 0.7))
      return true
    case 'Home':
      act.onLive()
      return true
    default:
      return false
  }
}
