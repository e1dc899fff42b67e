import { useSyncExternalStore } from 'react'

/** The theme's tokens as the canvas needs them: plain values, not variables. */
export interface ChartColors {
  channel: readonly string[]
  text: string
  text2: string
  text3: string
  line: string
  lineStrong: string
  mark: string
  fill: string
  canvas: string
  surface: string
  orange: string
  orangeText: string
  orangeTint: string
  font: string
}

function read(element: Element = document.documentElement): ChartColors {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    channel: Array.from({ length: CHANNEL_COLORS }, (_, index) => token(`--c-${index + 1}`)),
    text: token('--text'),
    text2: token('--text-2'),
    text3: token('--text-3'),
    line: token('--line'),
    lineStrong: token('--line-strong'),
    mark: token('--mark'),
    fill: token('--fill'),
    canvas: token('--canvas'),
    surface: token('--surface'),
    orange: token('--orange'),
    orangeText: token('--orange-text'),
    orangeTint: token('--orange-tint'),
    font: token('--font') || 'system-ui, sans-serif',
  }
}

/** The palette is repeated after this many channels, with dashed lines. */
export const CHANNEL_COLORS = 8

/** The colour of the n-th channel, as a CSS variable for everything that is not canvas. */
export function channelColor(index: number): string {
  return `var(--c-${(index % CHANNEL_COLORS) + 1})`
}

/** The same as the ground of a legend's stroke: dashed where the palette repeats. */
export function channelStroke(index: number): string {
  const color = channelColor(index)
  return index < CHANNEL_COLORS
    ? color
    : `repeating-linear-gradient(90deg, ${color} 0 4px, transparent 4px 7px)`
}

let colors: ChartColors | null = null
const listeners = new Set<() => void>()
let observer: MutationObserver | null = null

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  observer ??= new MutationObserver(() => {
    colors = null
    for (const each of listeners) each()
  })
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['data-theme', 'data-mantine-color-scheme'],
  })
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    observer?.disconnect()
    observer = null
    colors = null
  }
}

/** The colours of the theme that is on now. */
export function useChartColors(): ChartColors {
  return useSyncExternalStore(subscribe, () => (colors ??= read()))
}

/** The colours of the light theme whatever is on: paper is light. */
export function paperColors(): ChartColors {
  const ground = document.createElement('div')
  ground.dataset['mantineColorScheme'] = 'light'
  ground.hidden = true
  document.body.append(ground)
  try {
    return read(ground)
  } finally {
    ground.remove()
  }
}
