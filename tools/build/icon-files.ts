/** One image of a multi-image icon file. */
export interface IconImage {
  /** Edge in pixels. */
  size: number
  png: Uint8Array
}

/**
 * A Windows icon with PNG images inside, as Windows Vista and later read it.
 * Format: ICONDIR (6 bytes), then an ICONDIRENTRY (16 bytes) for each image, then the images.
 */
export function icoFile(images: readonly IconImage[]): Uint8Array {
  const header = Buffer.alloc(6 + 16 * images.length)
  header.writeUInt16LE(1, 2) // type: icon
  header.writeUInt16LE(images.length, 4)
  let offset = header.length
  for (const [index, { size, png }] of images.entries()) {
    const at = 6 + 16 * index
    // 0 stands for 256.
    header.writeUInt8(size % 256, at)
    header.writeUInt8(size % 256, at + 1)
    header.writeUInt16LE(1, at + 4) // planes
    header.writeUInt16LE(32, at + 6) // bits a pixel
    header.writeUInt32LE(png.length, at + 8)
    header.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([header, ...images.map(({ png }) => png)])
}

/** The types of an Apple icon's PNG images by their edge. */
const icnsTypes: Readonly<Record<number, readonly string[]>> = {
  32: ['ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
}

/** An Apple icon: `icns`, its length, then type, length and PNG of each image, all big-endian. Other sizes are left out. */
export function icnsFile(images: readonly IconImage[]): Uint8Array {
  const chunks = images.flatMap(({ size, png }) =>
    (icnsTypes[size] ?? []).map((type) => icnsChunk(type, png)),
  )
  return icnsChunk('icns', Buffer.concat(chunks))
}

function icnsChunk(type: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32BE(8 + content.length, 4)
  return Buffer.concat([head, content])
}
