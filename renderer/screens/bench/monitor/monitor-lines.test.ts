import { describe, expect, it } from 'vitest'
import bench from '#resources/locales/en/bench.json' with { type: 'json' }
import { filterLines, LINES_MOST, linesText, weights, withLines } from './monitor-lines.ts'

const said = (text: string, at = 0) => ({ at: new Date(at), text, meaning: null, data: {} })

describe('lines of a monitor', () => {
  it('count on, and the oldest go', () => {
    const some = withLines(withLines([], [said('a'), said('b')]), [said('c')])
    expect(some.map(({ id, text }) => `${id}${text}`)).toEqual(['0a', '1b', '2c'])
    const many = withLines(
      some,
      Array.from({ length: LINES_MOST }, () => said('x')),
    )
    expect(many).toHaveLength(LINES_MOST)
    expect(many[0]?.id).toBe(3)
  })

  it('are found by all the words of a filter', () => {
    const lines = withLines([], [said('I (27) boot: SPI Speed'), said('mw: wifi connected')])
    expect(filterLines(lines, 'BOOT spi').map(({ id }) => id)).toEqual([0])
    expect(filterLines(lines, ' ')).toBe(lines)
  })

  it('are saved with their time', () => {
    expect(linesText(withLines([], [said('a', 1)]))).toBe('1970-01-01T00:00:00.001Z\ta\n')
  })

  it('have words for everything that the bench knows of them', () => {
    expect(Object.keys(bench.meaning).toSorted()).toEqual(Object.keys(weights).toSorted())
  })
})
