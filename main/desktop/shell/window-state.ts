/** In device-independent pixels, as Electron counts. */
export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

export interface WindowState {
  /** The bounds when not maximised. */
  bounds: Rectangle
  maximized: boolean
}

export interface WindowPlacement {
  width: number
  height: number
  /** Absent: the system places the window. */
  x?: number
  y?: number
  maximized: boolean
}

/** Fits the 1366x768 panel of ui.md, with room for the system's bars. */
const DEFAULT_SIZE = { width: 1280, height: 720 }
const SMALLEST = { width: 400, height: 400 }
/** So much of the title bar must be on a screen that a person can take hold of the window. */
const GRIP = { width: 120, height: 32 }

/**
 * Where to open the window: as it was left, unless the screen it stood on is gone or smaller now.
 *
 * @param workAreas of the displays that are connected, the primary one first
 */
export function placeWindow(saved: WindowState | null, workAreas: readonly Rectangle[]): WindowPlacement {
  const primary = workAreas[0] ?? { x: 0, y: 0, ...DEFAULT_SIZE }
  if (!saved) return { ...fit(DEFAULT_SIZE, primary), maximized: false }
  const area = workAreas.find((candidate) => hasGrip(saved.bounds, candidate))
  if (!area) return { ...fit(saved.bounds, primary), maximized: saved.maximized }
  return { x: saved.bounds.x, y: saved.bounds.y, ...fit(saved.bounds, area), maximized: saved.maximized }
}

export function isWindowState(value: unknown): value is WindowState {
  if (typeof value !== 'object' || value === null) return false
  const { bounds, maximized } = value as Record<string, unknown>
  if (typeof bounds !== 'object' || bounds === null || typeof maximized !== 'boolean') return false
  const { x, y, width, height } = bounds as Record<string, unknown>
  return (
    [x, y, width, height].every((number) => Number.isSafeInteger(number)) &&
    Number(width) > 0 &&
    Number(height) > 0
  )
}

function fit(size: { width: number; height: number }, area: Rectangle): { width: number; height: number } {
  return {
    width: Math.min(Math.max(size.width, SMALLEST.width), area.width),
    height: Math.min(Math.max(size.height, SMALLEST.height), area.height),
  }
}

function hasGrip(bounds: Rectangle, area: Rectangle): boolean {
  const width = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x)
  const top = bounds.y >= area.y && bounds.y + GRIP.height <= area.y + area.height
  return width >= GRIP.width && top
}
