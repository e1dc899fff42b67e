import { ExpectedError } from '#contract/errors.ts'
import { checkContents } from './check-contents.ts'
import {
  ENTRIES_A_PAGE,
  ENTRY_SIZE,
  entriesFor,
  ItemType,
  integerCodes,
  LEAST_PAGES,
  PAGE_SIZE,
  viewOf,
} from './layout.ts'
import { integerTypes, type NvsContents, type NvsIntegerType, type NvsValue } from './nvs-value.ts'
import { type EntryHead, PageWriter } from './page-writer.ts'

/**
 * Builds an NVS partition of format version 2, byte for byte as Espressif's generator does. There are two exceptions:
 * no chunk of length zero is written, and a string that needs a whole page gets one instead of being refused.
 *
 * @param options.size of the partition, bytes: at least three pages of 4096
 * @param options.key 64 bytes (`readNvsKeyFile`) where it is to be encrypted
 * @throws ExpectedError `nvs_size_invalid`, `nvs_too_small`, `nvs_key_too_long`, `nvs_key_invalid`,
 *   `nvs_string_too_long`, `nvs_blob_too_long`, `nvs_value_invalid`, `nvs_too_many_namespaces`
 */
export function buildNvs(
  contents: NvsContents,
  { size, key = null }: { size: number; key?: Uint8Array | null },
): Uint8Array {
  if (!Number.isSafeInteger(size) || size < LEAST_PAGES * PAGE_SIZE || size % PAGE_SIZE !== 0)
    throw new ExpectedError('nvs_size_invalid', { size })
  checkContents(contents)
  const pages = layOut(contents)
  const need = bytesFor(pages)
  if (need > size) throw new ExpectedError('nvs_too_small', { need, size })
  const image = new Uint8Array(size).fill(0xff)
  for (const [sequence, page] of pages.entries())
    image.set(page.finish(sequence, sequence === pages.length - 1, key), sequence * PAGE_SIZE)
  return image
}

/**
 * The smallest partition that takes the contents, in bytes.
 *
 * @throws ExpectedError as `buildNvs` does for contents
 */
export function nvsSizeFor(contents: NvsContents): number {
  checkContents(contents)
  return bytesFor(layOut(contents))
}

/** One page stays erased: a device moves entries by way of it. */
function bytesFor(pages: readonly PageWriter[]): number {
  return Math.max(LEAST_PAGES, pages.length + 1) * PAGE_SIZE
}

function layOut(contents: NvsContents): PageWriter[] {
  const pages = new Pages()
  for (const [index, [namespace, values]] of Object.entries(contents).entries()) {
    const number = index + 1
    pages.addEntry({ namespace: 0, type: integerCodes.u8, key: namespace }, integerBytes('u8', number))
    for (const [key, value] of Object.entries(values)) pages.addValue({ namespace: number, key }, value)
  }
  return pages.pages
}

/** Pages in the order in which they are filled. */
class Pages {
  readonly pages: PageWriter[] = [new PageWriter()]

  addValue(name: Pick<EntryHead, 'namespace' | 'key'>, given: NvsValue): void {
    const { type, value } = given
    if (type === 'string') this.#addString({ ...name, type: ItemType.string }, stringBytes(given))
    else if (type === 'blob') this.#addBlob(name, value)
    else this.addEntry({ ...name, type: integerCodes[type] }, integerBytes(type, value))
  }

  addEntry(head: EntryHead, data: Uint8Array): void {
    this.#pageWith(1).addEntry(head, data)
  }

  #addString(head: EntryHead, bytes: Uint8Array): void {
    const span = 1 + entriesFor(bytes.length)
    // The generator leaves the last entry of a page free of strings; only one that needs a whole page gets it.
    this.#pageWith(Math.min(span + 1, ENTRIES_A_PAGE)).addPayload(head, bytes)
  }

  /** In as many chunks as there are pages it stands in, then their index. One of no bytes is its index alone. */
  #addBlob(name: Pick<EntryHead, 'namespace' | 'key'>, value: Uint8Array): void {
    let count = 0
    for (let from = 0; from < value.length; count += 1) {
      // One entry alone at the end of a page would hold a chunk of length zero.
      const page = this.#pageWith(2)
      const chunk = value.subarray(from, from + (page.room - 1) * ENTRY_SIZE)
      page.addPayload({ ...name, type: ItemType.blobData, chunk: count }, chunk)
      from += chunk.length
    }
    const data = new Uint8Array(8).fill(0xff)
    viewOf(data).setUint32(0, value.length, true)
    data.set([count, 0], 4)
    this.addEntry({ ...name, type: ItemType.blobIndex }, data)
  }

  /** The page that is being filled, or a new one where that has not so many entries left. */
  #pageWith(entries: number): PageWriter {
    const last = this.pages.at(-1)
    if (last !== undefined && last.room >= entries) return last
    const page = new PageWriter()
    this.pages.push(page)
    return page
  }
}

/** With its end mark. */
function stringBytes({ value, raw }: Extract<NvsValue, { type: 'string' }>): Uint8Array {
  return raw === undefined ? Buffer.from(`${value}\0`) : Buffer.concat([raw, Buffer.alloc(1)])
}

function integerBytes(type: NvsIntegerType, value: number | bigint): Uint8Array {
  const data = new Uint8Array(8)
  viewOf(data).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true)
  return data.subarray(0, integerTypes[type].bytes)
}
