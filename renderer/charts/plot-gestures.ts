import type uPlot from 'uplot'
import { MovingWindow } from './moving-window.ts'
import { panned, type TimeWindow, zoomed } from './time-range.ts'
import { attachTouch } from './touch-gestures.ts'

/** What the person did to the window of a chart. */
export type OnWindow = (window: TimeWindow) => void

/** The share of the window that one notch of the wheel adds or takes. */
const WHEEL = 0.0015

export interface GestureHooks {
  /** Draws a window, at once. */
  draw: OnWindow
  /** Tells the screen, some times a second and when the gesture rests. */
  onWindow: OnWindow
  /** The gesture rests: what the screen made of it holds. */
  onRest(): void
  /** A click or tap, not part of a gesture; CSS pixels from the upper left corner of the plot. */
  onClick(left: number, top: number): void
}

export interface Gestures {
  /** The window that a gesture has drawn and the screen may not know yet, or null. */
  window(): TimeWindow | null
  detach(): void
}

/**
 * Wheel zooms around the cursor, shift and wheel (or a sideways wheel) pans, shift and drag pans; a plain drag
 * selects what to zoom into. One finger pans, two zoom.
 */
export function attachGestures(plot: uPlot, hooks: GestureHooks): Gestures {
  const { root, over } = plot
  const moving = new MovingWindow(hooks)
  const shown = (): TimeWindow | null => {
    const { min, max } = plot.scales.x ?? {}
    return (
      moving.window() ?? (typeof min === 'number' && typeof max === 'number' ? { from: min, to: max } : null)
    )
  }

  const onWheel = (event: WheelEvent) => {
    const window = shown()
    if (window === null) return
    event.preventDefault()
    const box = over.getBoundingClientRect()
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
    const span = window.to - window.from
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      moving.move(panned(window, ((sideways * unit) / box.width) * span))
      return
    }
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
    moving.move(zoomed(window, window.from + share * span, Math.exp(event.deltaY * unit * WHEEL)))
  }

  let grabbed: { x: number; window: TimeWindow } | null = null
  let pressed: { x: number; y: number } | null = null
  const onDown = (event: MouseEvent) => {
    const window = shown()
    if (event.button !== 0 || window === null) return
    pressed = { x: event.clientX, y: event.clientY }
    if (!event.shiftKey) return
    // uPlot would start its own selection.
    event.stopPropagation()
    event.preventDefault()
    grabbed = { x: event.clientX, window }
    over.style.cursor = 'grabbing'
  }
  const onMove = (event: MouseEvent) => {
    if (grabbed === null) return
    const { window, x } = grabbed
    const moved = (event.clientX - x) / over.getBoundingClientRect().width
    moving.move(panned(window, -moved * (window.to - window.from)))
  }
  const onUp = (event: MouseEvent) => {
    const isClick =
      pressed !== null &&
      grabbed === null &&
      Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 4
    grabbed = null
    pressed = null
    over.style.cursor = ''
    if (!isClick || !(event.target instanceof Node) || !over.contains(event.target)) return
    const box = over.getBoundingClientRect()
    hooks.onClick(event.clientX - box.left, event.clientY - box.top)
  }

  root.addEventListener('wheel', onWheel, { passive: false })
  root.addEventListener('mousedown', onDown, { capture: true })
  document.addEventListener('mousemove', onMove)
  document.addEventListener('mouseup', onUp)
  const detachTouch = attachTouch(over, { shown, move: (window) => moving.move(window) })
  return {
    window: () => moving.window(),
    detach() {
      moving.stop()
      detachTouch()
      root.removeEventListener('wheel', onWheel)
      root.removeEventListener('mousedown', onDown, { capture: true })
      document.removeEventListener('mousemove', onMove)
      document.removeEventListener('mouseup', onUp)
    },
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
