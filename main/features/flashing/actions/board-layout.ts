import { ExpectedError } from '#contract/errors.ts'
import type { FlashPart } from '#contract/model/board.ts'
import type { ActionTools } from './action-tools.ts'

/** Where ESP-IDF puts the partition table unless it is told otherwise, and what it has room for. */
const TABLE_OFFSET = 0x8000
const TABLE_SIZE = 0xc00

/** A region of the flash. */
export interface FlashPlace {
  offset: number
  size: number
}

/** What the partition table of a board says of its settings and of which app it starts; null: it has none. */
export interface BoardLayout {
  /** `isEncrypted`: under keys that the board has. */
  nvs: (FlashPlace & { isEncrypted: boolean }) | null
  otadata: FlashPlace | null
}

/**
 * Reads a partition table; the engine binds it to `firmware/targets`.
 *
 * @param nvs the label of the partition with the settings; null, or where there is none of it: `nvs`, or the only one
 * @throws ExpectedError for what is no table
 */
export type ReadLayout = (table: Uint8Array, nvs: string | null) => BoardLayout

/** As it is now. A blank board, or one with another layout, has no places. */
export async function layoutOfBoard(
  { session, progress, log }: ActionTools,
  readLayout: ReadLayout,
  nvs: string | null,
): Promise<BoardLayout> {
  const table = await session.read(TABLE_OFFSET, TABLE_SIZE, progress)
  try {
    return readLayout(table, nvs)
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    log(`no partition table that can be read: ${error.message}`)
    return { nvs: null, otadata: null }
  }
}

export function overlaps(part: Pick<FlashPart, 'offset' | 'bytes'>, place: FlashPlace): boolean {
  return part.offset < place.offset + place.size && place.offset < part.offset + part.bytes.length
}
