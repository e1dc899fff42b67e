import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('../../renderer/theme/tokens.css', import.meta.url), 'utf8')

/** The colours of one theme, by their names. */
function tokensOf(theme: string): Map<string, string> {
  const block = css.slice(css.indexOf(`[data-mantine-color-scheme="${theme}"]`)).split('}')[0] ?? ''
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]),
  )
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

// WCAG 2.2 1.4.3, AA. The ink of filled buttons is white in both themes.
test.each(['light', 'dark'])('the words of filled buttons can be read in the %s theme', (theme) => {
  const tokens = tokensOf(theme)
  for (const ground of ['accent', 'accent-hover', 'red-button', 'red-button-hover'])
    expect([ground, contrast('#ffffff', tokens.get(ground) ?? '#ffffff')]).toEqual([
      ground,
      expect.toSatisfy((ratio: number) => ratio >= 4.5),
    ])
})

test.each(['light', 'dark'])(
  'so can text and the words of states on the grounds of the %s theme',
  (theme) => {
    const tokens = tokensOf(theme)
    const inks = [
      'text',
      'text-2',
      'text-3',
      'accent-text',
      'red-text',
      'orange-text',
      'yellow-text',
      'magenta-text',
    ]
    for (const ink of inks)
      for (const ground of ['canvas', 'surface', 'raised'])
        expect([ink, ground, contrast(tokens.get(ink) ?? '', tokens.get(ground) ?? '')]).toEqual([
          ink,
          ground,
          expect.toSatisfy((ratio: number) => ratio >= 4.5),
        ])
  },
)
