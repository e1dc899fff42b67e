import { ExpectedError } from '#contract/errors.ts'
import type { FlashPart } from '#contract/model/board.ts'
import type { BenchFiles } from '../files/bench-files.ts'
import type { ActionTools } from './action-tools.ts'

/** What is erased at once, and so what a part is made of. */
const SECTOR = 4_096
/** Empty flash between two parts that is worth leaving out. */
const GAP = 16 * SECTOR

/**
 * Reads the whole flash into a file that is sealed on the site's disk.
 *
 * @throws ExpectedError `flash_size_unknown`, `job_disk_full`
 */
export async function backUp(tools: ActionTools, files: BenchFiles): Promise<void> {
  const { session, job } = tools
  const { mac, flashSize } = session.board
  if (flashSize === null) throw new ExpectedError('flash_size_unknown', { port: job.portIdentity })
  await tools.step('preparing')
  const flash = await session.read(0, flashSize, tools.progress)
  const { bytes, sha256 } = await files.keepBackup(job.id, flash)
  flash.fill(0)
  tools.log(`backup of ${bytes} bytes, SHA-256 ${sha256}`)
  const day = new Date(job.startedAt).toISOString().slice(0, 10)
  await tools.change({ fileName: `${mac.replaceAll(':', '-')}-${day}.bin`, fileBytes: bytes })
}

/** Erases the flash and writes a backup; what it has beyond the file stays empty. @throws ExpectedError `flash_too_small`, `file_missing` */
export async function restore(tools: ActionTools, image: Uint8Array): Promise<void> {
  const { session } = tools
  const whole = padded(image)
  requireFits(tools, 'backup', whole.length)
  await tools.step('erasing')
  await session.eraseAll()
  await tools.step('writing')
  await session.write(filledParts(whole), tools.progress)
  await tools.step('verifying')
  // All of it, so that what should be empty is known to be.
  await checked(tools, [{ name: 'backup', offset: 0, bytes: whole }])
}

/** Writes any file at an offset; what is around it in its sectors is erased. @throws ExpectedError as `restore` */
export async function writeFile(tools: ActionTools, file: Uint8Array, offset: number): Promise<void> {
  requireFits(tools, 'file', offset + file.length)
  await writeParts(tools, [{ name: 'file', offset, bytes: padded(file) }])
}

/** Writes parts and has the chip hash them. */
export async function writeParts(tools: ActionTools, parts: readonly FlashPart[]): Promise<void> {
  await tools.step('writing')
  await tools.session.write(parts, tools.progress)
  await tools.step('verifying')
  await checked(tools, parts)
}

async function checked(tools: ActionTools, parts: readonly FlashPart[]): Promise<void> {
  const regions = await tools.session.verify(parts, tools.progress)
  await tools.change({ regions: JSON.stringify(regions) })
  for (const { name, offset, size, md5 } of regions)
    tools.log(`${name} at 0x${offset.toString(16)}: ${size} bytes, MD5 ${md5}`)
}

/** @throws ExpectedError `flash_too_small`, before anything is erased */
function requireFits({ session }: ActionTools, part: string, need: number): void {
  const { flashSize } = session.board
  if (flashSize !== null && need > flashSize)
    throw new ExpectedError('flash_too_small', { part, need, size: flashSize })
}

/** To whole words of four bytes, in which flash is written. */
function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(0xff)
  whole.set(bytes)
  return whole
}

/** Where an image is not empty: what is erased already need not be sent over the line. */
export function filledParts(image: Uint8Array): FlashPart[] {
  const parts: { start: number; end: number }[] = []
  for (let at = 0; at < image.length; at += SECTOR) {
    const end = Math.min(at + SECTOR, image.length)
    if (isEmpty(image.subarray(at, end))) continue
    const last = parts.at(-1)
    if (last !== undefined && at - last.end < GAP) last.end = end
    else parts.push({ start: at, end })
  }
  return parts.map(({ start, end }) => ({ name: 'backup', offset: start, bytes: image.subarray(start, end) }))
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff)
}
