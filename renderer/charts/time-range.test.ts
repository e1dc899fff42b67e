import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatRange,
  MAX_SPAN,
  MIN_SPAN,
  panned,
  parseRange,
  presetOf,
  presets,
  rangeOf,
  stepped,
  toggledLive,
  windowOf,
  zoomed,
} from './time-range.ts'

const now = 1_795_000_000_000
const hour = 3_600_000

describe('time range', () => {
  it('ends live ranges now and keeps fixed ones', () => {
    expect(windowOf({ live: true, span: hour }, now)).toEqual({ from: now - hour, to: now })
    expect(windowOf({ live: false, from: 5, to: 10_000 }, now)).toEqual({ from: 5, to: 10_000 })
  })

  it('goes back by a whole window and comes forth to live', () => {
    const back = stepped({ live: true, span: hour }, now, -1)
    expect(back).toEqual({ live: false, from: now - 2 * hour, to: now - hour })
    expect(stepped(back, now, 1)).toEqual({ live: true, span: hour })
    expect(stepped(stepped(back, now, -1), now, 1)).toEqual(back)
  })

  it('holds what is shown when live is turned off, and follows now again with the same span', () => {
    const held = toggledLive({ live: true, span: hour }, now)
    expect(held).toEqual({ live: false, from: now - hour, to: now })
    expect(toggledLive(held, now + 500)).toEqual({ live: true, span: hour })
  })

  it('keeps the point under the cursor where it is when zooming', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        (share, factor) => {
          const window = { from: now - 8 * hour, to: now }
          const at = window.from + share * 8 * hour
          const next = zoomed(window, at, factor)
          const shareAfter = (at - next.from) / (next.to - next.from)
          expect(Math.abs(shareAfter - share)).toBeLessThan(0.001)
        },
      ),
    )
  })

  it('never zooms past its bounds', () => {
    const close = zoomed({ from: now - 10_000, to: now }, now, 0.0001)
    expect(close.to - close.from).toBe(MIN_SPAN)
    const far = zoomed({ from: now - MAX_SPAN, to: now }, now - 5, 100)
    expect(far.to - far.from).toBe(MAX_SPAN)
  })

  it('stays live where the gesture still reaches now', () => {
    expect(rangeOf({ from: now - hour, to: now }, now, true)).toEqual({ live: true, span: hour })
    expect(rangeOf(panned({ from: now - hour, to: now }, -hour), now, true)).toEqual({
      live: false,
      from: now - 2 * hour,
      to: now - hour,
    })
    expect(rangeOf(panned({ from: now - hour, to: now }, 500), now, false)).toEqual({
      live: true,
      span: hour,
    })
    expect(rangeOf({ from: now - hour, to: now - 10 }, now, false)).toEqual({
      live: false,
      from: now - hour,
      to: now - 10,
    })
  })

  it('writes ranges into the address and reads them back', () => {
    for (const preset of presets) {
      expect(formatRange({ live: true, span: preset.span })).toBe(preset.id)
      expect(presetOf({ live: true, span: preset.span })).toBe(preset.id)
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 400_000 }),
        fc.integer({ min: 0, max: now }),
        fc.boolean(),
        (seconds, from, live) => {
          const span = seconds * 1_000
          const range = live
            ? ({ live: true, span } as const)
            : ({ live: false, from, to: from + span } as const)
          expect(parseRange(formatRange(range))).toEqual(range)
        },
      ),
    )
  })

  it.each(['', 'abc', '0h', '0s', '9999999d', '10-5', '1-2-3', 24, null, undefined, {}])(
    'takes no nonsense from the address: %j',
    (text) => {
      expect(parseRange(text)).toBeNull()
    },
  )
})
