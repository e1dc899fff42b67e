import { describe, expect, it } from 'vitest'
import { trendPath } from './trend-path.ts'

describe('trendPath', () => {
  it('needs two values', () => {
    expect(trendPath([], 100, 20)).toBeNull()
    expect(trendPath([4], 100, 20)).toBeNull()
  })

  it('fills its box from the lowest to the highest value', () => {
    const trend = trendPath([0, 10], 106, 26)
    expect(trend?.points).toBe('3.0,23.0 103.0,3.0')
    expect(trend?.end).toEqual([103, 3])
  })

  it('draws a steady rate through the middle', () => {
    expect(trendPath([5, 5, 5], 106, 20)?.points).toBe('3.0,10.0 53.0,10.0 103.0,10.0')
  })
})
