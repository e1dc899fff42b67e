import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import type { Visit } from '#tests/fixtures/browser.ts'

/** Screenshots for people to look at; git does not see them. */
const OUTPUT = resolve(import.meta.dirname, 'output')
/** Each costs the time of a test: only where asked for. */
export const wantsPictures =
  process.env['MILLWRIGHT_PICTURES'] === '1' || process.env['MILLWRIGHT_LONG'] === '1'

const SCREEN = { width: 1366, height: 768 }
const PHONE = { width: 400, height: 800 }
const WIDE = { width: 1920, height: 1080 }

interface Look {
  /** Begins the file names. */
  name: string
  /** The page's `lang`. */
  language: string
  /** One language is enough for axe: colours and structure are the same in each. */
  axe: boolean
  /** Dialogs and wizards that are over when the window's size changes. */
  phone?: boolean
  wide?: boolean
}

/**
 * Takes a page as it stands in both themes, and gathers what is wrong with it: what axe finds, what reaches over
 * the right edge of a panel PC or a phone, a missing title, a wrong language, complaints of the console.
 */
export async function lookAt({ page, complaints, outside }: Visit, look: Look): Promise<string[]> {
  const found: string[] = []
  // Without pictures and axe there is nothing to see in a theme.
  for (const theme of wantsPictures || look.axe ? (['light', 'dark'] as const) : []) {
    await page.emulateMedia({ colorScheme: theme })
    await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor()
    await drawn(page)
    await picture(page, `${look.name}-${look.language}-${theme}`)
    if (look.axe) found.push(...(await seriousFindings(page)).map((finding) => `${theme}: axe ${finding}`))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  found.push(...(await overflow(page)).map((what) => `1366 px: ${what}`))
  if (look.phone !== false) {
    await page.setViewportSize(PHONE)
    await drawn(page)
    found.push(...(await overflow(page)).map((what) => `400 px: ${what}`))
    await picture(page, `${look.name}-${look.language}-400`)
  }
  if (look.wide === true && wantsPictures) {
    await page.setViewportSize(WIDE)
    await drawn(page)
    await picture(page, `${look.name}-${look.language}-1920`)
  }
  await page.setViewportSize(SCREEN)
  const title = await page.title()
  if (!/\S – Millwright$/.test(title)) found.push(`title is "${title}"`)
  const lang = await page.locator('html').getAttribute('lang')
  if (lang !== look.language) found.push(`lang is ${lang}`)
  found.push(...complaints.splice(0), ...outside.splice(0).map((url) => `asked for ${url}`))
  return found.map((what) => `${look.name} ${look.language}: ${what}`)
}

async function picture(page: Page, name: string): Promise<void> {
  if (!wantsPictures) return
  mkdirSync(OUTPUT, { recursive: true })
  await page.screenshot({ path: join(OUTPUT, `${name}.png`) })
}

/** Two frames after fonts and data arrived: layout and canvases are up to date. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready
    await new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))
  })
}

/** The frame never scrolls sideways: what is wider than the window is cut off or pushes the rest away. */
async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parts: [string, Element | null][] = [
      ['the page', document.documentElement],
      ['the content', document.querySelector('main')],
      ['the screen', document.querySelector('main > div')],
      ['the top bar', document.querySelector('#root header')],
    ]
    return parts.flatMap(([name, element]) =>
      element !== null && element.scrollWidth > element.clientWidth + 1
        ? [`${name} is ${element.scrollWidth} px wide in ${element.clientWidth}`]
        : [],
    )
  })
}
