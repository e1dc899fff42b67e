import { type BoardLoader, wordsOf } from './board-loader.ts'
import type { FlashMeter } from './flash-meter.ts'

const ERASE_FLASH = 0xd0
const ERASE_REGION = 0xd1
/** Bytes of one command: the person sees it go on, and can cancel between two. */
const SLICE = 0x8_0000
const ERASE_MS_PER_MB = 30_000
const WHOLE_MS = 120_000

/** Erases a region; both ends on borders of sectors. */
export async function eraseRegion(
  loader: BoardLoader,
  offset: number,
  size: number,
  meter: FlashMeter,
): Promise<void> {
  meter.add('flash', 0)
  for (let at = 0; at < size; at += SLICE) {
    const length = Math.min(SLICE, size - at)
    const timeout = Math.max(10_000, (ERASE_MS_PER_MB * length) / 1_000_000)
    await loader.checkCommand('erase', ERASE_REGION, wordsOf(offset + at, length), 0, 0, timeout)
    meter.add('flash', length)
  }
}

/** Erases a flash of unknown size. */
export async function eraseWhole(loader: BoardLoader): Promise<void> {
  await loader.checkCommand('erase all', ERASE_FLASH, new Uint8Array(0), 0, 0, WHOLE_MS)
}
