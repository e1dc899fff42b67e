import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { FlashedRegion, FlashPart } from '#contract/model/board.ts'
import { type BoardLoader, wordsOf } from './board-loader.ts'
import type { FlashMeter } from './flash-meter.ts'

const SPI_FLASH_MD5 = 0x13
const MD5_MS_PER_MB = 8_000

/**
 * Lets the chip hash what its flash holds, region by region.
 * @throws {ExpectedError} `verify_failed` at the first one that differs
 */
export async function verifyFlash(
  loader: BoardLoader,
  parts: readonly FlashPart[],
  meter: FlashMeter,
): Promise<FlashedRegion[]> {
  const regions: FlashedRegion[] = []
  for (const { name, offset, bytes } of parts) {
    meter.add(name, 0)
    const size = bytes.length
    const timeout = Math.max(3_000, (MD5_MS_PER_MB * size) / 1_000_000)
    const words = wordsOf(offset, size, 0, 0)
    const answer = await loader.checkCommand('hash', SPI_FLASH_MD5, words, 0, 16, timeout)
    const actual = Buffer.from(answer as Uint8Array).toString('hex')
    const md5 = createHash('md5').update(bytes).digest('hex')
    if (actual !== md5) throw new ExpectedError('verify_failed', { part: name, expected: md5, actual })
    regions.push({ name, offset, size, md5, sha256: createHash('sha256').update(bytes).digest('hex') })
    meter.add(name, size)
  }
  return regions
}
