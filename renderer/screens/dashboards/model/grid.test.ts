import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DASHBOARD_COLUMNS, MOST_ROWS } from '#contract/model/dashboard.ts'
import { arranged, bounded, freePlace, inReadingOrder, overlap, type Placed, withoutGaps } from './grid.ts'

const tile = (id: string, x: number, y: number, w: number, h: number): Placed => ({ id, x, y, w, h })
const places = (tiles: readonly Placed[]) =>
  Object.fromEntries(tiles.map(({ id, x, y, w, h }) => [id, [x, y, w, h]]))

const row = [tile('a', 0, 0, 4, 2), tile('b', 4, 0, 4, 2), tile('c', 0, 2, 8, 3)]

describe('a tile that is moved', () => {
  it('goes to a free place and leaves the others where they are', () => {
    const after = arranged(row, 'b', { x: 8, y: 1, w: 4, h: 2 })
    expect(places(after)).toEqual({ a: [0, 0, 4, 2], b: [8, 1, 4, 2], c: [0, 2, 8, 3] })
    expect(after[0]).toBe(row[0])
  })

  it('pushes what is in its way down, and that pushes on', () => {
    expect(places(arranged(row, 'b', { x: 2, y: 0, w: 4, h: 2 }))).toEqual({
      a: [0, 2, 4, 2],
      b: [2, 0, 4, 2],
      c: [0, 4, 8, 3],
    })
  })

  it('stops at the edges', () => {
    expect(places(arranged(row, 'a', { x: -3, y: -1, w: 4, h: 2 })).a).toEqual([0, 0, 4, 2])
    expect(places(arranged(row, 'a', { x: 40, y: 0, w: 4, h: 2 })).a).toEqual([8, 0, 4, 2])
  })

  it('stays where nothing can give way any more', () => {
    const full = [tile('a', 0, MOST_ROWS, 12, 2), tile('b', 0, 0, 12, 2)]
    expect(arranged(full, 'b', { x: 0, y: MOST_ROWS, w: 12, h: 2 })).toBe(full)
    expect(arranged(row, 'a', { x: -9, y: 0, w: 4, h: 2 })).toBe(row)
    expect(arranged(row, 'gone', { x: 0, y: 0, w: 1, h: 1 })).toBe(row)
  })
})

describe('a tile that is resized', () => {
  it('pushes down what it grows over', () => {
    expect(places(arranged(row, 'a', { x: 0, y: 0, w: 6, h: 3 }))).toEqual({
      a: [0, 0, 6, 3],
      b: [4, 3, 4, 2],
      c: [0, 5, 8, 3],
    })
  })

  it('is at least one cell and at most the grid', () => {
    expect(bounded({ x: 3, y: 0, w: 0, h: -4 })).toEqual({ x: 3, y: 0, w: 1, h: 1 })
    expect(bounded({ x: 3, y: 0, w: 99, h: 2 })).toEqual({ x: 0, y: 0, w: 12, h: 2 })
  })
})

describe('a new tile', () => {
  it('takes the first free place in reading order', () => {
    expect(freePlace(row, { w: 4, h: 2 })).toEqual({ x: 8, y: 0, w: 4, h: 2 })
    expect(freePlace(row, { w: 6, h: 2 })).toEqual({ x: 0, y: 5, w: 6, h: 2 })
    expect(freePlace([], { w: 3, h: 2 })).toEqual({ x: 0, y: 0, w: 3, h: 2 })
  })

  it('has no place below the last row', () => {
    expect(freePlace([tile('a', 0, 0, 12, MOST_ROWS + 40)], { w: 1, h: 1 })).toBeNull()
  })
})

it('gaps close without tiles passing each other', () => {
  expect(places(withoutGaps([tile('a', 0, 3, 4, 2), tile('b', 2, 7, 4, 2), tile('c', 8, 9, 4, 1)]))).toEqual({
    a: [0, 0, 4, 2],
    b: [2, 2, 4, 2],
    c: [8, 0, 4, 1],
  })
})

describe('whatever is done', () => {
  const size = { w: fc.integer({ min: 1, max: 12 }), h: fc.integer({ min: 1, max: 8 }) }
  /** Dashboards that came about by hand: tiles that were added, then moved and resized. */
  const dashboards = fc
    .tuple(
      fc.array(fc.record(size), { minLength: 1, maxLength: 12 }),
      fc.array(
        fc.record({
          nth: fc.nat(11),
          x: fc.integer({ min: -4, max: 16 }),
          y: fc.integer({ min: -4, max: 30 }),
          ...size,
        }),
        { maxLength: 8 },
      ),
    )
    .map(([sizes, moves]) => {
      let tiles: readonly Placed[] = []
      for (const [index, each] of sizes.entries()) {
        const box = freePlace(tiles, each)
        if (box !== null) tiles = [...tiles, { id: `t${index}`, ...box }]
      }
      let last = tiles[0]?.id ?? ''
      for (const { nth, ...box } of moves) {
        last = tiles[nth % tiles.length]?.id ?? ''
        tiles = arranged(tiles, last, box)
      }
      return { tiles, moves, last }
    })

  it('no tile lies over another or beyond the grid, and none is lost', () => {
    fc.assert(
      fc.property(dashboards, ({ tiles, moves, last }) => {
        for (const [index, a] of tiles.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + a.w <= DASHBOARD_COLUMNS).toBe(true)
          for (const b of tiles.slice(index + 1)) expect(overlap(a, b)).toBe(false)
        }
        const move = moves.at(-1)
        if (move !== undefined) {
          const { x, y, w, h } = move
          expect(tiles.find((one) => one.id === last)).toMatchObject(bounded({ x, y, w, h }))
        }
        expect(new Set(tiles.map((one) => one.id)).size).toBe(tiles.length)
      }),
    )
  })

  it('closing gaps leaves none to close and keeps the order within each column', () => {
    fc.assert(
      fc.property(dashboards, ({ tiles }) => {
        const closed = withoutGaps(tiles)
        expect(withoutGaps(closed)).toEqual(closed)
        for (const [index, a] of closed.entries())
          for (const b of closed.slice(index + 1)) expect(overlap(a, b)).toBe(false)
        expect(inReadingOrder(closed).map((one) => one.id)).toHaveLength(tiles.length)
        for (const one of closed)
          expect(one.y).toBeLessThanOrEqual(tiles.find((t) => t.id === one.id)?.y ?? -1)
      }),
    )
  })
})
