import { describe, expect, it } from 'vitest'
import {
  type BucketRows,
  bucketWidth,
  composed,
  covers,
  emptyRows,
  foldInto,
  foldReading,
  gapsOf,
  type Layer,
  requestFor,
  silenceThreshold,
  withLayer,
} from './bucket-rows.ts'

function rows(width: number, ...starts: number[]): BucketRows {
  const made = emptyRows()
  for (const start of starts) foldReading(made, width, start, start)
  return made
}

function layer(from: number, to: number, width: number, ...starts: number[]): Layer {
  return {
    from,
    to,
    width,
    askedAt: 0,
    open: false,
    channels: new Map([['a', rows(width, ...starts)]]),
    damaged: new Map(),
  }
}

describe('bucket rows', () => {
  it('cuts a span into widths that people say', () => {
    expect(bucketWidth(86_400_000, 300)).toBe(300_000)
    expect(bucketWidth(3_600_000, 800)).toBe(5_000)
    expect(bucketWidth(900_000, 1_000)).toBe(1_000)
    expect(bucketWidth(400 * 86_400_000, 100)).toBe(4 * 86_400_000)
  })

  it('asks for half a window more on either side, on whole widths and not beyond now', () => {
    const asked = requestFor({ from: 1_000_000, to: 2_000_000 }, 100, 5_000_000)
    expect(asked.width).toBe(10_000)
    expect(asked.from).toBe(500_000)
    expect(asked.to).toBe(2_500_000)
    expect(asked.points).toBe(200)
    expect(requestFor({ from: 1_000_000, to: 2_000_000 }, 100, 2_000_500).to).toBe(2_010_000)
  })

  it('draws fine buckets where they are loaded and coarse ones around them', () => {
    const coarse = layer(0, 1_000, 100, 0, 100, 200, 300, 400, 500, 600, 700, 800, 900)
    const fine = layer(300, 500, 10, 300, 310, 490)
    expect(composed([coarse, fine], 'a').ts).toEqual([0, 100, 200, 300, 310, 490, 500, 600, 700, 800, 900])
    expect(composed([coarse, fine], 'a').width.slice(2, 5)).toEqual([100, 10, 10])
    expect(composed([coarse, fine], 'absent').ts).toEqual([])
  })

  it('leaves out a coarse bucket that reaches into the fine layer', () => {
    expect(composed([layer(0, 400, 100, 0, 100, 200, 300), layer(250, 300, 10, 250)], 'a').ts).toEqual([
      0, 100, 250, 300,
    ])
  })

  it('forgets layers that a newer one covers as finely, and keeps no more than four', () => {
    expect(withLayer([layer(10, 20, 5, 10)], layer(0, 30, 5, 0))).toHaveLength(1)
    expect(withLayer([layer(10, 20, 1, 10)], layer(0, 30, 5, 0))).toHaveLength(2)
    let layers: Layer[] = []
    for (let from = 0; from < 10; from++)
      layers = withLayer(layers, layer(from * 10, from * 10 + 5, 1, from * 10))
    expect(layers).toHaveLength(4)
    expect(layers.at(-1)?.from).toBe(90)
  })

  it('folds live readings into their bucket, late ones too', () => {
    const made = rows(10, 0, 10)
    foldReading(made, 10, 17, 50)
    foldReading(made, 10, 35, 7)
    foldReading(made, 10, 22, 3)
    expect(made.ts).toEqual([0, 10, 20, 30])
    expect(made.max).toEqual([0, 50, 3, 7])
    expect(made.min).toEqual([0, 10, 3, 7])
    expect(made.count).toEqual([1, 2, 1, 1])
    expect(made.sum).toEqual([0, 60, 3, 7])
    expect(made.last).toEqual([0, 50, 3, 7])
  })

  it('folds into the wider bucket of an older layer that holds its time', () => {
    const made = rows(100, 0, 100)
    foldReading(made, 10, 150, 900)
    expect(made.ts).toEqual([0, 100])
    expect(made.max).toEqual([0, 900])
  })

  it('carries an open layer on with live readings and leaves closed ones as they are', () => {
    const closed = layer(0, 100, 10, 0)
    const open = { ...layer(50, 100, 5, 50), open: true }
    expect(foldInto([closed, open], 'a', 122, 9)).toBe(true)
    expect(closed.channels.get('a')?.ts).toEqual([0])
    expect(open.channels.get('a')?.ts).toEqual([50, 120])
    expect(open.to).toBe(125)
    expect(foldInto([closed], 'a', 122, 9)).toBe(false)
    expect(composed([closed, open], 'a').ts).toEqual([0, 50, 120])
  })

  it('asks again only when the window leaves what is loaded or needs it finer', () => {
    const span = 1_000_000
    const window = { from: 10 * span, to: 11 * span }
    const loaded: Layer = { ...layer(0, 0, 10_000), from: window.from - span / 2, to: window.to + span / 2 }
    expect(covers(loaded, window, 100)).toBe(true)
    expect(covers(loaded, { from: window.from + 300_000, to: window.to + 300_000 }, 100)).toBe(true)
    expect(covers(loaded, { from: window.from + 400_000, to: window.to + 400_000 }, 100)).toBe(false)
    expect(covers(loaded, { from: window.from, to: window.from + 100_000 }, 100)).toBe(false)
    const live = { ...loaded, open: true }
    expect(covers(live, { from: window.from + 900_000, to: window.to + 900_000 }, 100)).toBe(true)
    expect(covers(live, { from: window.from + 1_100_000, to: window.to + 1_100_000 }, 100)).toBe(false)
  })

  it('shows a gap where buckets are empty, and none in a channel that speaks rarely', () => {
    const dense = rows(10, 0, 10, 20, 30, 90, 100, 110)
    expect(gapsOf(dense)).toEqual([{ from: 40, to: 90 }])
    const rare = rows(10, 0, 100, 200, 310, 400, 500)
    expect(gapsOf(rare)).toEqual([])
    expect(gapsOf(rows(10, 0, 100, 200, 310, 400, 1_500))).toEqual([{ from: 410, to: 1_500 }])
    expect(gapsOf(emptyRows())).toEqual([])
  })

  it('does not take a change of pace for gaps', () => {
    const slow = Array.from({ length: 20 }, (_, n) => n * 60)
    const fast = Array.from({ length: 60 }, (_, n) => 20 * 60 + n * 10)
    expect(gapsOf(rows(10, ...slow, ...fast))).toEqual([])
    const gone = fast.map((ts) => ts + 600)
    expect(gapsOf(rows(10, ...slow, ...gone))).toEqual([{ from: 19 * 60 + 10, to: 1_800 }])
    expect(silenceThreshold(rows(10, ...slow, ...fast))).toBe(25)
    expect(silenceThreshold(rows(10, ...slow))).toBe(240)
    expect(silenceThreshold(rows(10, 5))).toBe(Number.POSITIVE_INFINITY)
  })

  it('keeps booleans and texts as they are', () => {
    const made = emptyRows()
    foldReading(made, 10, 0, true)
    foldReading(made, 10, 5, false)
    foldReading(made, 10, 12, 'running')
    expect(made.first).toEqual([true, 'running'])
    expect(made.last).toEqual([false, 'running'])
    expect(made.max).toEqual([1, 0])
  })
})
