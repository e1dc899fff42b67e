import { type RefObject, useEffect } from 'react'

/** A4 landscape without its margins of 10 mm, at 96 px an inch. */
const WIDTH = 1_046
const HEIGHT = 716
/** A sheet that would fit on one page at this scale or larger is made to. */
const LEAST = 0.6
/** Print of a narrow window is not blown up beyond this. */
const MOST = 1.25

/**
 * Fits a sheet to the page when it is printed. It keeps the layout of the screen and is scaled as a whole, for charts
 * are pictures of one size; and it is printed light, whatever the theme.
 */
export function usePaper(sheet: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const root = document.documentElement
    let theme: string | null = null
    const before = () => {
      const element = sheet.current
      if (element === null) return
      const { offsetWidth: width, scrollHeight: height } = element
      const byWidth = Math.min(MOST, WIDTH / width)
      // The heading is added on paper.
      const byHeight = HEIGHT / (height + 40)
      const scale = byHeight >= LEAST ? Math.min(byWidth, byHeight) : byWidth
      element.style.setProperty('--paper-width', `${width}px`)
      element.style.setProperty('--paper-scale', String(scale))
      theme = root.getAttribute('data-mantine-color-scheme')
      root.setAttribute('data-mantine-color-scheme', 'light')
    }
    const after = () => {
      if (theme !== null) root.setAttribute('data-mantine-color-scheme', theme)
      theme = null
    }
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
      after()
    }
  }, [sheet])
}
