/** A file on its way into a ZIP. */
export interface ZipEntry {
  path: string
  bytes: Uint8Array<ArrayBuffer>
}

/** 1 January 1980, the first day that a ZIP knows: the same files are the same ZIP each time. */
const NO_DATE = 0x0021
const UTF8 = 0x0800

/** Files side by side, nothing compressed: they go to the site of the same plant (APPNOTE.TXT 4.3). */
export function storedZip(entries: readonly ZipEntry[]): Blob {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  const directory: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  for (const { path, bytes } of entries) {
    const name = new TextEncoder().encode(path)
    const crc = crc32(bytes)
    const local = record(0x04034b50, 30, name)
    describe(local.view, 4, { crc, size: bytes.length, nameLength: name.length })
    const central = record(0x02014b50, 46, name)
    central.view.setUint16(4, 20, true)
    describe(central.view, 6, { crc, size: bytes.length, nameLength: name.length })
    central.view.setUint32(42, offset, true)
    pieces.push(local.bytes, bytes)
    directory.push(central.bytes)
    offset += local.bytes.length + bytes.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const end = record(0x06054b50, 22, new Uint8Array())
  end.view.setUint16(8, entries.length, true)
  end.view.setUint16(10, entries.length, true)
  end.view.setUint32(12, size, true)
  end.view.setUint32(16, offset, true)
  return new Blob([...pieces, ...directory, end.bytes], { type: 'application/zip' })
}

function record(signature: number, length: number, name: Uint8Array) {
  const bytes = new Uint8Array(length + name.length)
  bytes.set(name, length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, signature, true)
  return { bytes, view }
}

/** What the header of a file and its line in the directory both say, from the version on. */
function describe(
  view: DataView,
  at: number,
  { crc, size, nameLength }: { crc: number; size: number; nameLength: number },
): void {
  view.setUint16(at, 20, true)
  view.setUint16(at + 2, UTF8, true)
  view.setUint16(at + 8, NO_DATE, true)
  view.setUint32(at + 10, crc, true)
  view.setUint32(at + 14, size, true)
  view.setUint32(at + 18, size, true)
  view.setUint16(at + 22, nameLength, true)
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
