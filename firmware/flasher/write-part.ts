import { type BoardLoader, CommandRefused, wordsOf } from './board-loader.ts'
import type { FlashMeter } from './flash-meter.ts'
import { NoAnswer } from './line-transport.ts'
import { FLASH_DEFL_DATA, type PackedPart } from './packed-part.ts'

const FLASH_DEFL_BEGIN = 0x10
const FLASH_DEFL_END = 0x12

/** ms for a megabyte: the flash erases and writes while the next block comes. */
const WRITE_MS_PER_MB = 40_000
const LEAST_MS = 3_000
/** A block that arrived damaged is refused by its checksum, and sent again. */
const SENDS = 3
/** A block without an answer may or may not be written; then the part begins anew. */
const STARTS = 3

/** The stub's status for bad length and bad checksum, and the ROM's for the latter: it did nothing with the block. */
const DAMAGED = new Set([0xc0, 0xc1, 0x07])

/**
 * Writes one part, compressed, by the stub.
 * @throws {CommandRefused} @throws {NoAnswer}
 */
export async function writePart(
  loader: BoardLoader,
  part: { name: string; offset: number; packed: PackedPart },
  meter: FlashMeter,
): Promise<void> {
  for (let start = 1; ; start++) {
    let counted = 0
    try {
      await writeOnce(loader, part, (bytes) => {
        counted += bytes
        meter.add(part.name, bytes)
      })
      return
    } catch (error) {
      const isWorthIt = error instanceof NoAnswer || error instanceof CommandRefused
      if (!isWorthIt || start === STARTS) throw error
      meter.takeBack(counted)
    }
  }
}

async function writeOnce(
  loader: BoardLoader,
  { offset, packed }: { offset: number; packed: PackedPart },
  onWritten: (bytes: number) => void,
): Promise<void> {
  const begin = wordsOf(packed.paddedSize, packed.blocks.length, loader.FLASH_WRITE_SIZE, offset)
  await loader.checkCommand('begin the write', FLASH_DEFL_BEGIN, begin, 0, 0, LEAST_MS)
  onWritten(0)
  // The stub answers when it has a block, and writes it while the next one comes.
  let before = 0
  for (const block of packed.blocks) {
    const onLine = (block.frame.length * 10_000) / loader.transport.baudrate
    const timeout = onLine + Math.max(LEAST_MS, (WRITE_MS_PER_MB * before) / 1_000_000)
    await sendBlock(loader, block.frame, timeout)
    onWritten(block.size)
    before = block.size
  }
  // 1: stay in the stub. Its answer comes when the last block is written.
  const last = Math.max(LEAST_MS, (WRITE_MS_PER_MB * before) / 1_000_000)
  await loader.checkCommand('end the write', FLASH_DEFL_END, wordsOf(1), 0, 0, last)
}

async function sendBlock(loader: BoardLoader, frame: Uint8Array, timeout: number): Promise<void> {
  for (let send = 1; ; send++) {
    try {
      await loader.sendFrame(FLASH_DEFL_DATA, frame, timeout)
      return
    } catch (error) {
      if (!(error instanceof CommandRefused) || !DAMAGED.has(error.status) || send === SENDS) throw error
    }
  }
}
