import type { ImageCheck } from './image-check.ts'
import {
  ENTRIES_A_PAGE,
  ENTRY_SIZE,
  EntryState,
  entryState,
  FIRST_ENTRY,
  HEADER_SIZE,
  isErased,
  nvsCrc,
  PAGE_SIZE,
  PageState,
  VERSION_1,
  VERSION_2,
  viewOf,
} from './layout.ts'
import { type NvsItem, readItem } from './read-item.ts'
import { decryptEntries } from './xts.ts'

export interface NvsPage {
  /** Offset in the partition, bytes. */
  readonly offset: number
  readonly state: number
  readonly sequence: number
  readonly version: number
  readonly items: NvsItem[]
  /** Entries that were given up: an older value, or what was deleted. */
  readonly erased: number
}

/**
 * Reads one page. What is wrong with it goes to `check`; where that goes on, what cannot be trusted is left out.
 *
 * @param image whole partition
 * @param offset of the page
 * @param key 64 bytes where entries are encrypted
 * @returns null for an erased page, and for one that a device would not use either
 */
export function readPage(
  image: Uint8Array,
  offset: number,
  key: Uint8Array | null,
  check: ImageCheck,
): NvsPage | null {
  const page = image.subarray(offset, offset + PAGE_SIZE)
  const view = viewOf(page)
  const state = view.getUint32(0, true)
  if (state === PageState.empty) {
    if (!isErased(page)) check.fault(offset, 'a page that should be erased is not')
    return null
  }
  if (state !== PageState.active && state !== PageState.full && state !== PageState.freeing) {
    check.fault(offset, 'the state of the page is none that NVS writes; the page is left out')
    return null
  }
  if (state === PageState.freeing) check.fault(offset, 'the page was being moved when the board lost power')
  if (view.getUint32(28, true) !== nvsCrc(page.subarray(4, 28))) {
    check.fault(offset, 'the checksum of the page header is wrong; the page is left out')
    return null
  }
  const version = page[8] ?? 0
  if (version !== VERSION_1 && version !== VERSION_2) {
    check.fault(offset + 8, `version ${version} of the format is not known; the page is left out`)
    return null
  }
  if (!isErased(page.subarray(9, 28)))
    check.used(offset + 9, 'the unused part of the page header is not erased')
  // The last four bits of the bitmap stand for no entry.
  if ((page[HEADER_SIZE + 31] ?? 0) >> 4 !== 0xf)
    check.used(offset + 63, 'the unused part of the bitmap is not erased')
  const entries = key === null ? page : decryptPage(page, key, offset)
  return {
    offset,
    state,
    sequence: view.getUint32(4, true),
    version,
    ...readItems(page, entries, offset, check),
  }
}

/** The page with its entries decrypted; nothing else of it counts. */
export function decryptPage(page: Uint8Array, key: Uint8Array, offset: number): Uint8Array {
  const plain = new Uint8Array(PAGE_SIZE)
  const end = FIRST_ENTRY + ENTRIES_A_PAGE * ENTRY_SIZE
  plain.set(decryptEntries(key, page.subarray(FIRST_ENTRY, end), offset + FIRST_ENTRY), FIRST_ENTRY)
  return plain
}

function readItems(
  page: Uint8Array,
  entries: Uint8Array,
  offset: number,
  check: ImageCheck,
): { items: NvsItem[]; erased: number } {
  const items: NvsItem[] = []
  let erased = 0
  let hasEnded = false
  for (let entry = 0; entry < ENTRIES_A_PAGE; entry += 1) {
    const at = FIRST_ENTRY + entry * ENTRY_SIZE
    const state = entryState(page, entry)
    if (state === EntryState.empty) {
      hasEnded = true
      // An unused entry is not encrypted either.
      if (!isErased(page.subarray(at, at + ENTRY_SIZE)))
        check.fault(
          offset + at,
          'an entry that should be unused holds something: it was half written; it is left out',
        )
      continue
    }
    if (state === EntryState.erased) {
      check.used(offset + at, 'the entry is marked as erased')
      erased += 1
      continue
    }
    if (state !== EntryState.written) {
      check.fault(
        offset + HEADER_SIZE + (entry >> 2),
        `the bitmap is wrong about entry ${entry}; it is left out`,
      )
      continue
    }
    if (hasEnded) check.used(offset + at, 'the entry stands behind an unused one')
    const { item, span } = readItem(page, entries, entry, offset, check)
    if (item !== null) items.push(item)
    entry += span - 1
  }
  return { items, erased }
}
