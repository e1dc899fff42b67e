import type { StateOption, ThresholdMeaning } from '#contract/model/dashboard.ts'
import type { ValueKind } from '#contract/model/reading.ts'
import type { StateSpan } from '#renderer/charts/state-strip.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import { stateOption } from './tone.ts'

/** How a bar is drawn: off is a line, several states at once are hatched, others are grey, or mean something. */
export type BarLook = 'off' | 'plain' | 'other' | 'several' | ThresholdMeaning

/** A span of one state; from and to as shares of the strip. */
export interface Bar {
  from: number
  to: number
  state: string | null
  /** The tile's own word for the state. */
  word: string | undefined
  look: BarLook
}

export function barsOf(
  spans: readonly StateSpan[],
  kind: ValueKind,
  window: TimeWindow,
  options: readonly StateOption[] | undefined,
): Bar[] {
  const width = window.to - window.from
  const seen: string[] = []
  return spans.map(({ from, to, state }) => {
    if (state !== null && !seen.includes(state)) seen.push(state)
    const option = stateOption(options, state)
    return {
      from: (from - window.from) / width,
      to: (to - window.from) / width,
      state,
      word: option?.word,
      look: lookOf(state, kind, option, seen),
    }
  })
}

function lookOf(
  state: string | null,
  kind: ValueKind,
  option: StateOption | undefined,
  seen: readonly string[],
): BarLook {
  if (state === null) return 'several'
  if (option?.meaning !== undefined) return option.meaning
  if (kind === 'boolean') return state === 'false' ? 'off' : 'plain'
  // Neighbouring states differ in shade, as they came up.
  return seen.indexOf(state) % 2 === 0 ? 'plain' : 'other'
}

/** The bars of each look as one SVG path in a box of 1000 x 10: thousands of bars are a few elements. */
export function pathOf(bars: readonly Bar[]): { look: BarLook; path: string }[] {
  const paths = new Map<BarLook, string>()
  for (const { from, to, look } of bars) {
    const x = (from * 1_000).toFixed(1)
    // A short state is seen all the same.
    const width = Math.max(1.5, (to - from) * 1_000 - 1).toFixed(1)
    const [y, height] = look === 'off' ? [8, 1.2] : [0, 10]
    paths.set(look, `${paths.get(look) ?? ''}M${x},${y}h${width}v${height}h-${width}z`)
  }
  return [...paths].map(([look, path]) => ({ look, path }))
}
