import { panned, type TimeWindow, zoomed } from './time-range.ts'

/** CSS pixels that a finger moves before it pans: less is a tap. */
const SLACK = 6

interface Touch {
  x: number
}

export interface TouchHooks {
  shown(): TimeWindow | null
  move(window: TimeWindow): void
}

/**
 * One finger pans, two zoom around their middle, and a tap puts the cursor there, as a mouse does. Moves up and
 * down still scroll the page. Returns the way to take the listeners off again.
 */
export function attachTouch(over: HTMLElement, { shown, move }: TouchHooks): () => void {
  const fingers = new Map<number, Touch>()
  let start: { window: TimeWindow; middle: number; spread: number; moved: boolean } | null = null

  const begin = () => {
    const window = shown()
    start =
      window === null || fingers.size === 0 ? null : { window, ...grip(fingers), moved: fingers.size > 1 }
  }
  const onDown = (event: PointerEvent) => {
    if (event.pointerType === 'mouse') return
    fingers.set(event.pointerId, { x: event.clientX })
    begin()
  }
  const onMove = (event: PointerEvent) => {
    if (!fingers.has(event.pointerId) || start === null) return
    fingers.set(event.pointerId, { x: event.clientX })
    const { middle, spread } = grip(fingers)
    start.moved ||= Math.abs(middle - start.middle) > SLACK
    if (!start.moved) return
    const { left, width } = over.getBoundingClientRect()
    const { window } = start
    const span = window.to - window.from
    const held = window.from + ((start.middle - left) / width) * span
    const scaled = fingers.size > 1 ? zoomed(window, held, start.spread / Math.max(1, spread)) : window
    move(panned(scaled, (-(middle - start.middle) / width) * (scaled.to - scaled.from)))
  }
  const onUp = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return
    // The finger that stays goes on from where the other left.
    begin()
  }

  over.style.touchAction = 'pan-y'
  over.addEventListener('pointerdown', onDown)
  over.addEventListener('pointermove', onMove)
  over.addEventListener('pointerup', onUp)
  over.addEventListener('pointercancel', onUp)
  return () => {
    over.removeEventListener('pointerdown', onDown)
    over.removeEventListener('pointermove', onMove)
    over.removeEventListener('pointerup', onUp)
    over.removeEventListener('pointercancel', onUp)
  }
}

/** Where one or two fingers hold, and how far apart they are, CSS pixels. */
function grip(fingers: ReadonlyMap<number, Touch>): { middle: number; spread: number } {
  const xs = [...fingers.values()].map(({ x }) => x)
  const middle = xs.reduce((sum, x) => sum + x, 0) / xs.length
  return { middle, spread: Math.max(...xs) - Math.min(...xs) }
}
