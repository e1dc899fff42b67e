import { saveFile } from '#renderer/ui/save-file.ts'

/** Dots for each CSS pixel: sharp on paper and on dense screens. */
const SCALE = 2
/** Around the sheet, CSS pixels. */
const MARGIN = 16
/** A canvas of more dots than this is refused by some browsers. */
const MOST_DOTS = 120_000_000

/**
 * Saves what a sheet shows as a PNG: a copy of it, with the style sheets of the page and its charts as pictures, is drawn
 * by the browser itself as an SVG with a foreign object. Nothing leaves the machine, and nothing is fetched.
 */
export async function saveImage(sheet: HTMLElement, name: string): Promise<void> {
  const width = sheet.offsetWidth + 2 * MARGIN
  const copy = copyOf(sheet)
  const heading = copy.querySelector<HTMLElement>('[data-paper-heading]')
  heading?.style.setProperty('display', 'flex')
  const height = sheet.scrollHeight + 2 * MARGIN + (heading === null ? 0 : 40)
  const image = new Image()
  image.src = svgOf(copy, width, height)
  await image.decode()
  const scale = Math.min(SCALE, Math.sqrt(MOST_DOTS / (width * height)))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  const png = await new Promise<Blob>((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('The browser made no PNG')) : resolve(blob)))
  })
  await saveFile(`${name.replaceAll(/[\\/:*?"<>|]/g, '-')}.png`, png, 'image/png')
}

/** The same elements, canvases as pictures of the same size. */
function copyOf(sheet: HTMLElement): HTMLElement {
  const copy = sheet.cloneNode(true) as HTMLElement
  const canvases = [...copy.querySelectorAll('canvas')]
  for (const [index, original] of [...sheet.querySelectorAll('canvas')].entries()) {
    const picture = document.createElement('img')
    picture.src = original.toDataURL('image/png')
    picture.style.cssText = `position: absolute; width: ${original.offsetWidth}px; height: ${original.offsetHeight}px`
    canvases[index]?.replaceWith(picture)
  }
  return copy
}

function svgOf(copy: HTMLElement, width: number, height: number): string {
  const scheme = document.documentElement.getAttribute('data-mantine-color-scheme') ?? 'light'
  const body = document.createElement('body')
  body.setAttribute('data-mantine-color-scheme', scheme)
  body.style.cssText = `margin: 0; padding: ${MARGIN}px; width: ${width}px; height: ${height}px; box-sizing: border-box`
  const style = document.createElement('style')
  style.textContent = styleText()
  body.append(style, copy)
  const content = new XMLSerializer().serializeToString(body)
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" data-mantine-color-scheme="${scheme}">` +
      `<foreignObject width="100%" height="100%">${content}</foreignObject></svg>`,
  )}`
}

/** All style sheets are the site's own: their rules can be read. */
function styleText(): string {
  return [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .map((rule) => rule.cssText)
    .join('\n')
}
