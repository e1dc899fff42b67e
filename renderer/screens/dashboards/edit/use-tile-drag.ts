import { type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { Tile } from '#contract/model/dashboard.ts'
import type { Box } from '../model/grid.ts'

/** `place` moves the tile, `size` pulls at its lower right corner. */
type Mode = 'place' | 'size'

interface Drag {
  id: string
  mode: Mode
  /** Of the pointer, from the grid's upper left corner, px. */
  start: { x: number; y: number }
  box: Box
  pointer: number
  /** Columns and rows that it went so far. */
  gone: string
}

/** What a tile's handles do with the pointer; the same functions for as long as the grid is there. */
export interface DragHandlers {
  begin(event: PointerEvent<HTMLElement>, tile: Tile, mode: Mode): void
  move(event: PointerEvent<HTMLElement>): void
  end(): void
}

/** Moves and resizes tiles by mouse, pen or finger, in whole cells. Escape puts all back. */
export function useTileDrag(
  grid: RefObject<HTMLElement | null>,
  told: { onBegin(): void; onBox(id: string, box: Box): void; onCancel(): void },
): DragHandlers & {
  /** The tile under the pointer's hand. */
  dragged: string | null
} {
  const drag = useRef<Drag | null>(null)
  const [dragged, setDragged] = useState<string | null>(null)
  const latest = useRef(told)
  latest.current = told

  const end = useCallback(() => {
    drag.current = null
    setDragged(null)
  }, [])
  useEffect(() => {
    if (dragged === null) return
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      end()
      latest.current.onCancel()
    }
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  }, [dragged, end])

  const begin = useCallback<DragHandlers['begin']>(
    (event, tile, mode) => {
      if (event.button !== 0 || grid.current === null) return
      event.currentTarget.setPointerCapture(event.pointerId)
      const { id, x, y, w, h } = tile
      const start = within(grid.current, event)
      drag.current = { id, mode, start, box: { x, y, w, h }, pointer: event.pointerId, gone: '0 0' }
      setDragged(id)
      latest.current.onBegin()
    },
    [grid],
  )
  const move = useCallback<DragHandlers['move']>(
    (event) => {
      const { current } = drag
      if (current === null || grid.current === null || event.pointerId !== current.pointer) return
      const at = within(grid.current, event)
      const cell = cellSize(grid.current)
      const columns = Math.round((at.x - current.start.x) / cell.width)
      const rows = Math.round((at.y - current.start.y) / cell.height)
      // A pointer tells more often than it passes from cell to cell.
      const gone = `${columns} ${rows}`
      if (gone === current.gone) return
      current.gone = gone
      const { x, y, w, h } = current.box
      latest.current.onBox(
        current.id,
        current.mode === 'place'
          ? { x: x + columns, y: y + rows, w, h }
          : { x, y, w: w + columns, h: h + rows },
      )
    },
    [grid],
  )
  return { dragged, begin, move, end }
}

/** From the grid's corner, so that scrolling on the way counts. */
function within(grid: HTMLElement, event: { clientX: number; clientY: number }): { x: number; y: number } {
  const box = grid.getBoundingClientRect()
  return { x: event.clientX - box.left, y: event.clientY - box.top }
}

/** A cell and the gap after it, px, as the style sheet has them. */
function cellSize(grid: HTMLElement): { width: number; height: number } {
  const style = getComputedStyle(grid)
  const gap = Number.parseFloat(style.columnGap)
  return {
    width: (grid.clientWidth + gap) / 12,
    height: Number.parseFloat(style.gridAutoRows) + gap,
  }
}
