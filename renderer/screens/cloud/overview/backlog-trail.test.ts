import { expect, it } from 'vitest'
import { extendTrail, noteBacklog, TRAIL_SPAN, type TrailPoint, trailShape } from './backlog-trail.ts'

const points = (...values: [number, number][]): TrailPoint[] =>
  values.map(([at, readings]) => ({ at, readings }))

it('keeps ten minutes, and the point that the line enters from', () => {
  const trail = points([0, 5], [60_000, 4], [TRAIL_SPAN, 3])
  const next = extendTrail(trail, { at: TRAIL_SPAN + 90_000, readings: 2 })
  expect(next).toEqual(points([60_000, 4], [TRAIL_SPAN, 3], [TRAIL_SPAN + 90_000, 2]))
})

it('has one point where several come within a second, and never loses the first', () => {
  const trail = extendTrail(extendTrail(points([0, 9]), { at: 300, readings: 8 }), { at: 800, readings: 7 })
  expect(trail).toEqual(points([0, 9], [800, 7]))
})

it('draws from nothing at the bottom to the most at the top, up to now', () => {
  const shape = trailShape(points([0, 100], [TRAIL_SPAN / 2, 0]), TRAIL_SPAN, 100, 20)
  expect(shape).toEqual({
    line: 'M0.0,1.0L50.0,19.0L100.0,19.0',
    area: 'M0.0,1.0L50.0,19.0L100.0,19.0V20H0.0Z',
    most: 100,
    span: TRAIL_SPAN,
  })
  expect(trailShape([], 0, 100, 20)).toBe(null)
})

it('grows with what is known, from a minute on', () => {
  expect(trailShape(points([0, 0]), 0, 100, 20)).toMatchObject({
    line: 'M100.0,19.0L100.0,19.0',
    span: 60_000,
  })
  expect(trailShape(points([0, 0]), 30_000, 100, 20)).toMatchObject({ line: 'M50.0,19.0L100.0,19.0' })
  expect(trailShape(points([0, 0]), 120_000, 100, 20)).toMatchObject({
    line: 'M0.0,19.0L100.0,19.0',
    span: 120_000,
  })
})

it('begins anew with another link', () => {
  noteBacklog('a', { at: 0, readings: 1 })
  expect(noteBacklog('a', { at: 5_000, readings: 2 })).toHaveLength(2)
  expect(noteBacklog('b', { at: 6_000, readings: 3 })).toEqual(points([6_000, 3]))
})
