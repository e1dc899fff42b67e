import { DASHBOARD_COLUMNS, MOST_ROWS, TALLEST_TILE } from '#contract/model/dashboard.ts'

/** Cells of the grid, from its upper left corner. */
export interface Box {
  x: number
  y: number
  w: number
  h: number
}

export interface Placed extends Box {
  id: string
}

export type Size = Pick<Box, 'w' | 'h'>

export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

/** The nearest box that lies on the grid: first its size, then its place. */
export function bounded(box: Box): Box {
  const w = clamp(box.w, 1, DASHBOARD_COLUMNS)
  const h = clamp(box.h, 1, TALLEST_TILE)
  return { x: clamp(box.x, 0, DASHBOARD_COLUMNS - w), y: clamp(box.y, 0, MOST_ROWS), w, h }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.round(value)))
}

function sameBox(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h
}

/** Rows that the tiles reach over. */
export function rowCount(tiles: readonly Box[]): number {
  return tiles.reduce((rows, tile) => Math.max(rows, tile.y + tile.h), 0)
}

/** Row by row, from left to right: the order in which a person reads, Tab walks and a phone shows them. */
export function inReadingOrder<T extends Box>(tiles: readonly T[]): T[] {
  return tiles.toSorted((a, b) => a.y - b.y || a.x - b.x)
}

/**
 * The tiles with one of them at `box`, as near as the grid allows. Those in its way go down, as little as they have
 * to, and push others in turn; all else stays. Where there are no rows left to go to, nothing changes.
 */
export function arranged<T extends Placed>(tiles: readonly T[], id: string, box: Box): readonly T[] {
  const moving = tiles.find((tile) => tile.id === id)
  if (moving === undefined) return tiles
  const target = bounded(box)
  if (sameBox(moving, target)) return tiles
  const settled: T[] = [{ ...moving, ...target }]
  for (const tile of inReadingOrder(tiles)) {
    if (tile.id !== id) settled.push(pushedDown(tile, settled))
  }
  if (settled.some((tile) => tile.y > MOST_ROWS)) return tiles
  const byId = new Map(settled.map((tile) => [tile.id, tile]))
  // Each keeps its place in the list: a tile that did not move is the same object.
  return tiles.map((tile) => byId.get(tile.id) ?? tile)
}

/** The tile below everything settled that is in its way. */
function pushedDown<T extends Placed>(tile: T, settled: readonly T[]): T {
  let at = tile
  for (;;) {
    const hit = settled.filter((other) => overlap(at, other))
    if (hit.length === 0) return at
    at = { ...at, y: Math.max(...hit.map((other) => other.y + other.h)) }
  }
}

/** The first place, in reading order, that is free for a new tile; null where no row is left. */
export function freePlace(tiles: readonly Box[], size: Size): Box | null {
  const { w, h } = bounded({ x: 0, y: 0, ...size })
  const rows = Math.min(rowCount(tiles), MOST_ROWS)
  for (let y = 0; y <= rows; y++) {
    for (let x = 0; x + w <= DASHBOARD_COLUMNS; x++) {
      const box = { x, y, w, h }
      if (!tiles.some((tile) => overlap(tile, box))) return box
    }
  }
  return null
}

/** Every tile as far up as it goes without passing another: no empty rows stay. */
export function withoutGaps<T extends Placed>(tiles: readonly T[]): readonly T[] {
  const settled: T[] = []
  for (const tile of inReadingOrder(tiles)) {
    let y = tile.y
    while (y > 0 && !settled.some((other) => overlap({ ...tile, y: y - 1 }, other))) y -= 1
    settled.push(y === tile.y ? tile : { ...tile, y })
  }
  const byId = new Map(settled.map((tile) => [tile.id, tile]))
  return tiles.map((tile) => byId.get(tile.id) ?? tile)
}
