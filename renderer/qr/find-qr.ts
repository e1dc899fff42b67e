/** Pixels as a canvas gives them: RGBA. */
export interface Pixels {
  data: Uint8ClampedArray
  width: number
  height: number
}

/** Finds the text of a QR code in pixels. The decoder is fetched when it is first needed. */
export async function loadFinder(): Promise<(pixels: Pixels, thorough: boolean) => string | null> {
  const { default: jsQR } = await import('jsqr')
  return ({ data, width, height }, thorough) => {
    if (width < 21 || height < 21) return null
    const found = jsQR(data, width, height, { inversionAttempts: thorough ? 'attemptBoth' : 'dontInvert' })
    return found === null || found.data === '' ? null : found.data
  }
}
