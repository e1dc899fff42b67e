import { inflateSync } from 'node:zlib'

/** What a page of our PDFs shows, as far as rectangles go: black on white, one byte a point of the picture. */
export interface Picture {
  width: number
  height: number
  /** RGBA, as readers of QR codes take it. */
  pixels: Uint8ClampedArray
}

/** The pages of a PDF by their drawing operators (PDF 32000-1 8.5), which are read as any viewer reads them. */
export function pageContents(pdf: Uint8Array): string[] {
  const bytes = Buffer.from(pdf)
  const contents: string[] = []
  for (const match of bytes.toString('latin1').matchAll(/stream\n([\s\S]*?)\nendstream/g)) {
    const from = (match.index ?? 0) + 'stream\n'.length
    const raw = bytes.subarray(from, from + (match[1]?.length ?? 0))
    // Fonts are streams too: only pages turn the axis round.
    const text = inflated(raw)
    if (text?.startsWith('1 0 0 -1 0 ') === true) contents.push(text)
  }
  return contents
}

/** Draws the filled rectangles of a part of a page. @param part in points @param scale pixels a point (1/72 inch) */
export function drawPart(
  content: string,
  part: { x: number; y: number; width: number; height: number },
  scale = 6,
): Picture {
  const width = Math.round(part.width * scale)
  const height = Math.round(part.height * scale)
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255)
  const within = (value: number, most: number) => Math.min(Math.max(Math.round(value * scale), 0), most)
  for (const match of content.matchAll(/^(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re$/gm)) {
    const [x = 0, y = 0, w = 0, h = 0] = match.slice(1).map(Number)
    const left = within(x - part.x, width)
    const right = within(x + w - part.x, width)
    for (let line = within(y - part.y, height); line < within(y + h - part.y, height); line++)
      for (let column = left; column < right; column++)
        pixels.fill(0, (line * width + column) * 4, (line * width + column) * 4 + 3)
  }
  return { width, height, pixels }
}

function inflated(raw: Uint8Array): string | null {
  try {
    return inflateSync(raw).toString('latin1')
  } catch {
    return null
  }
}
