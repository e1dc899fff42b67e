import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { type IconImage, icnsFile, icoFile } from './icon-files.ts'

/**
 * Draws the program's icons into `resources/icons`, by hand when the mark changes:
 * `node tools/build/make-icons.ts`. What it writes is committed, so a build needs no browser.
 */
const icons = resolve(import.meta.dirname, '../../resources/icons')
const mark = 'M4 20V6l8 7 8-7v14M12 13v7'

/** On a tile, for docks and desktops. The mark fills three fifths, Apple's grid leaves a margin. */
const tile = `<svg viewBox="0 0 64 64"><rect x="4" y="4" width="56" height="56" rx="12" fill="#1d5bbf"/>
<path transform="translate(12.8 12.4) scale(1.6)" d="${mark}" fill="none" stroke="#fff" stroke-width="2.25" stroke-linejoin="round" stroke-linecap="round"/></svg>`
/** Without margin, for small places. */
const badge = `<svg viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#1d5bbf"/>
<path transform="translate(3.4 2.4) scale(1.05)" d="${mark}" fill="none" stroke="#fff" stroke-width="2.6" stroke-linejoin="round" stroke-linecap="round"/></svg>`
/** Black and clear: macOS colours it as its menu bar needs. */
const template = `<svg viewBox="0 0 24 24"><path d="${mark}" fill="none" stroke="#000" stroke-width="2.25" stroke-linejoin="round" stroke-linecap="round"/></svg>`

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
const page = await browser.newPage()

const images: IconImage[] = []
for (const size of [16, 24, 32, 48, 64, 128, 256, 512, 1024]) {
  images.push({ size, png: await draw(size < 48 ? badge : tile, size) })
}
mkdirSync(join(icons, 'linux'), { recursive: true })
for (const { size, png } of images) {
  if (size <= 512) write(`linux/${size}x${size}.png`, png)
}
write('icon.png', pngOf(512))
write('icon.ico', icoFile(images.filter(({ size }) => size <= 256)))
write('icon.icns', icnsFile(images))
for (const [suffix, scale] of [
  ['', 1],
  ['@2x', 2],
] as const) {
  write(`tray${suffix}.png`, await draw(badge, 24 * scale))
  write(`trayTemplate${suffix}.png`, await draw(template, 18 * scale))
}
await browser.close()

async function draw(svg: string, size: number): Promise<Uint8Array> {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(
    `<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  )
  return page.screenshot({ omitBackground: true })
}

function pngOf(size: number): Uint8Array {
  const image = images.find((candidate) => candidate.size === size)
  if (!image) throw new Error(`There is no image of ${size} pixels`)
  return image.png
}

function write(name: string, content: Uint8Array): void {
  writeFileSync(join(icons, name), content)
}
