import { expect, it } from 'vitest'
import { type Dashboard, DashboardSchema, MOST_TILES, type Tile } from '#contract/model/dashboard.ts'
import { closedUp, duplicated, placed, retouched, withNew, withOption, without } from './changes.ts'

const id = (n: number) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`
const tile = (name: string, part: Partial<Tile> = {}): Tile => ({
  id: name,
  kind: 'value',
  x: 0,
  y: 0,
  w: 3,
  h: 2,
  channelIds: [id(1)],
  options: {},
  ...part,
})
const dashboard = (...tiles: Tile[]): Dashboard => ({ columns: 12, tiles })
const boxOf = (of: Dashboard, name: string) => {
  const { x, y, w, h } = of.tiles.find((one) => one.id === name) ?? tile('none')
  return [x, y, w, h]
}

it('what changes nothing gives the same dashboard back', () => {
  const before = dashboard(tile('a'))
  expect(placed(before, 'a', { x: -2, y: 0, w: 3, h: 2 })).toBe(before)
  expect(placed(before, 'gone', { x: 1, y: 1, w: 3, h: 2 })).toBe(before)
  expect(closedUp(before)).toBe(before)
  expect(duplicated(before, 'gone', 'b')).toBe(before)
})

it('a tile does not become smaller than its kind can be read', () => {
  expect(
    boxOf(placed(dashboard(tile('a', { kind: 'chart', w: 6, h: 5 })), 'a', { x: 0, y: 0, w: 1, h: 1 }), 'a'),
  ).toEqual([0, 0, 3, 3])
})

it('a kind that needs more room gets it, and pushes the others', () => {
  const after = retouched(dashboard(tile('a'), tile('b', { y: 2 })), 'a', { kind: 'chart' })
  expect(boxOf(after, 'a')).toEqual([0, 0, 3, 3])
  expect(boxOf(after, 'b')).toEqual([0, 3, 3, 2])
})

it('new tiles and copies find a place, until there are too many', () => {
  let after = dashboard()
  for (let n = 0; n < MOST_TILES + 5; n++)
    after = withNew(after, { id: `t${n}`, kind: 'value', channelIds: [id(n)], options: {} })
  expect(after.tiles).toHaveLength(MOST_TILES)
  expect(duplicated(after, 't0', 'copy')).toBe(after)
  expect(DashboardSchema.safeParse(after).success).toBe(true)
  const copied = duplicated(without(after, 't1'), 't0', 'copy')
  expect(boxOf(copied, 'copy')).toEqual([3, 0, 3, 2])
})

it('an option that is taken back is left out', () => {
  expect(withOption({ decimals: 2, min: 0 }, { decimals: undefined, max: 5 })).toEqual({ min: 0, max: 5 })
})
