import { ExpectedError } from '#contract/errors.ts'
import { assemble } from './assemble.ts'
import { ImageCheck, type NvsReadMode } from './image-check.ts'
import {
  ENTRIES_A_PAGE,
  ENTRY_SIZE,
  EntryState,
  entryCrc,
  entryState,
  FIRST_ENTRY,
  LEAST_PAGES,
  PAGE_SIZE,
  PageState,
  viewOf,
} from './layout.ts'
import type { NvsContents } from './nvs-value.ts'
import { decryptPage, type NvsPage, readPage } from './read-page.ts'

export interface NvsReading {
  namespaces: NvsContents
  /** What a lenient reading left out, in words; a strict one leaves nothing out. */
  warnings: string[]
  isEncrypted: boolean
}

/**
 * Reads an NVS partition of format version 1 or 2.
 *
 * @param image whole partition
 * @param options.key 64 bytes (`readNvsKeyFile`) where it is encrypted
 * @param options.mode `strict` (where left out) for images fresh from a generator: anything that is not exactly right
 *   is refused. `lenient` for the partition of a board that ran: the newest value of each key, and warnings
 * @throws ExpectedError `nvs_image_truncated`, `nvs_image_corrupt`, `nvs_encrypted`, `nvs_not_encrypted`, `nvs_key_wrong`
 */
export function readNvs(
  image: Uint8Array,
  { key = null, mode = 'strict' }: { key?: Uint8Array | null; mode?: NvsReadMode } = {},
): NvsReading {
  if (image.length < LEAST_PAGES * PAGE_SIZE || image.length % PAGE_SIZE !== 0)
    throw new ExpectedError('nvs_image_truncated', { size: image.length })
  const check = new ImageCheck(mode)
  try {
    const reading = readPages(image, key, check)
    if (reading.warnings.length > 0 && Object.keys(reading.namespaces).length === 0)
      requireRightKey(image, key)
    return reading
  } catch (error) {
    requireRightKey(image, key)
    throw error
  }
}

function readPages(image: Uint8Array, key: Uint8Array | null, check: ImageCheck): NvsReading {
  const slots: (NvsPage | null)[] = []
  for (let offset = 0; offset < image.length; offset += PAGE_SIZE)
    slots.push(readPage(image, offset, key, check))
  const pages = slots.filter((page) => page !== null)
  if (check.isStrict) checkOrder(slots, check)
  const namespaces = assemble(inOrder(pages, check), check)
  const erased = pages.reduce((sum, page) => sum + page.erased, 0)
  const warnings = erased > 0 ? [...check.warnings, `${erased} erased entries were left out`] : check.warnings
  return { namespaces, warnings, isEncrypted: key !== null && pages.length > 0 }
}

/** As a generator fills them: from the front, all full but the last one, and one left erased. */
function checkOrder(slots: readonly (NvsPage | null)[], check: ImageCheck): void {
  const used = slots.filter((page) => page !== null).length
  for (const [index, page] of slots.entries()) {
    const offset = index * PAGE_SIZE
    if ((page !== null) !== index < used) check.fault(offset, 'an erased page stands before a used one')
    if (page === null) continue
    if (page.sequence !== index)
      check.fault(offset + 4, `the page is number ${page.sequence} instead of ${index}`)
    const state = index === used - 1 ? PageState.active : PageState.full
    if (page.state !== state) check.fault(offset, 'the state of the page does not fit its place')
    if (page.version !== slots[0]?.version) check.fault(offset + 8, 'pages are of different versions')
  }
  if (used === slots.length) check.fault(0, 'no page is left erased, which a device needs')
}

/** Oldest first. A device fills pages in turn, wherever they lie. */
function inOrder(pages: readonly NvsPage[], check: ImageCheck): NvsPage[] {
  const sorted = pages.toSorted((a, b) => a.sequence - b.sequence)
  for (const [index, page] of sorted.entries()) {
    if (page.sequence === sorted[index - 1]?.sequence)
      check.fault(page.offset + 4, `there are two pages with number ${page.sequence}`)
  }
  return sorted
}

/**
 * A wrong key turns every entry into noise. That is told apart from damage by looking for one entry that can be read.
 *
 * @throws ExpectedError `nvs_encrypted`, `nvs_not_encrypted`, `nvs_key_wrong`
 */
function requireRightKey(image: Uint8Array, key: Uint8Array | null): void {
  let hasEntries = false
  let isPlain = false
  for (let offset = 0; offset < image.length; offset += PAGE_SIZE) {
    const page = image.subarray(offset, offset + PAGE_SIZE)
    if (viewOf(page).getUint32(0, true) === PageState.empty) continue
    hasEntries ||= writtenEntries(page).length > 0
    if (isReadable(page, key === null ? page : decryptPage(page, key, offset))) return
    isPlain ||= key !== null && isReadable(page, page)
  }
  if (!hasEntries) return
  if (key === null) throw new ExpectedError('nvs_encrypted')
  throw new ExpectedError(isPlain ? 'nvs_not_encrypted' : 'nvs_key_wrong')
}

/** Whether an entry has its right checksum. @param plain the page with its entries decrypted */
function isReadable(page: Uint8Array, plain: Uint8Array): boolean {
  return writtenEntries(page).some((at) => {
    const entry = plain.subarray(at, at + ENTRY_SIZE)
    return viewOf(entry).getUint32(4, true) === entryCrc(entry)
  })
}

/** Where they begin in the page. */
function writtenEntries(page: Uint8Array): number[] {
  return Array.from({ length: ENTRIES_A_PAGE }, (_, entry) => entry)
    .filter((entry) => entryState(page, entry) === EntryState.written)
    .map((entry) => FIRST_ENTRY + entry * ENTRY_SIZE)
}
