import { loadFinder, type Pixels } from './find-qr.ts'

/** Larger files are no photos of a label. */
const MOST_BYTES = 40 * 1024 * 1024

/** Longest sides that a photo is looked at in, and how far it is turned: small codes need many pixels, blurred ones few. */
const tries: readonly { side: number; turn: number }[] = [
  { side: 1_000, turn: 0 },
  { side: 600, turn: 0 },
  { side: 1_600, turn: 0 },
  { side: 1_000, turn: 45 },
  { side: 2_400, turn: 0 },
  { side: 600, turn: 20 },
]

export type PhotoProblem = 'too_large' | 'no_picture' | 'no_code'

/** @returns the text of the QR code in a photo, or why there is none */
export async function readPhoto(file: Blob): Promise<{ text: string } | { problem: PhotoProblem }> {
  if (file.size > MOST_BYTES) return { problem: 'too_large' }
  const picture = await createImageBitmap(file).catch(() => null)
  if (picture === null || picture.width === 0 || picture.height === 0) return { problem: 'no_picture' }
  try {
    const find = await loadFinder()
    const longest = Math.max(picture.width, picture.height)
    const looked = new Set<string>()
    for (const { side: most, turn } of tries) {
      const side = Math.min(most, longest)
      // A small photo is not looked at twice in the size it has.
      if (looked.has(`${side} ${turn}`)) continue
      looked.add(`${side} ${turn}`)
      // A paint between two tries: a thorough look at a large photo takes a while.
      await new Promise((resolve) => setTimeout(resolve))
      const text = find(drawn(picture, side, turn), true)
      if (text !== null) return { text }
    }
    return { problem: 'no_code' }
  } finally {
    picture.close()
  }
}

/** @param turn degrees */
function drawn(picture: ImageBitmap, side: number, turn: number): Pixels {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height))
  const width = Math.max(1, Math.round(picture.width * scale))
  const height = Math.max(1, Math.round(picture.height * scale))
  const angle = (turn * Math.PI) / 180
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(width * Math.cos(angle) + height * Math.sin(angle))
  canvas.height = Math.ceil(width * Math.sin(angle) + height * Math.cos(angle))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return { data: new Uint8ClampedArray(), width: 0, height: 0 }
  // Transparent pictures stand on paper.
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.translate(canvas.width / 2, canvas.height / 2)
  context.rotate(angle)
  context.drawImage(picture, -width / 2, -height / 2, width, height)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}
