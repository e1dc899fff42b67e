import {
  ENTRIES_A_PAGE,
  ENTRY_SIZE,
  entriesFor,
  entryCrc,
  FIRST_ENTRY,
  HEADER_SIZE,
  NO_CHUNK,
  nvsCrc,
  PAGE_SIZE,
  PageState,
  VERSION_2,
  viewOf,
} from './layout.ts'
import { encryptEntries } from './xts.ts'

/** What an entry says beside its value. */
export interface EntryHead {
  namespace: number
  type: number
  key: string
  chunk?: number
}

/** Fills one page from the front. */
export class PageWriter {
  readonly #bytes = new Uint8Array(PAGE_SIZE).fill(0xff)
  #used = 0

  /** Entries that are left. */
  get room(): number {
    return ENTRIES_A_PAGE - this.#used
  }

  get isEmpty(): boolean {
    return this.#used === 0
  }

  /** An entry whose value is in itself. @param data up to 8 bytes; there must be room */
  addEntry(head: EntryHead, data: Uint8Array): void {
    this.#add(head, data, 1)
  }

  /** An entry with its value behind it. There must be room. */
  addPayload(head: EntryHead, payload: Uint8Array): void {
    const data = new Uint8Array(8).fill(0xff)
    viewOf(data).setUint16(0, payload.length, true)
    viewOf(data).setUint32(4, nvsCrc(payload), true)
    const entry = this.#used
    this.#add(head, data, 1 + entriesFor(payload.length))
    this.#bytes.set(payload, FIRST_ENTRY + (entry + 1) * ENTRY_SIZE)
  }

  /**
   * The page as it is stored.
   *
   * @param sequence its number, from 0
   * @param key 64 bytes where entries are to be encrypted
   */
  finish(sequence: number, isLast: boolean, key: Uint8Array | null): Uint8Array {
    const page = new Uint8Array(this.#bytes)
    const view = viewOf(page)
    view.setUint32(0, isLast ? PageState.active : PageState.full, true)
    view.setUint32(4, sequence, true)
    view.setUint8(8, VERSION_2)
    view.setUint32(28, nvsCrc(page.subarray(4, 28)), true)
    for (let entry = 0; entry < this.#used; entry += 1) {
      const at = HEADER_SIZE + (entry >> 2)
      // Of the two bits of an entry, the lower one is cleared: written.
      page[at] = (page[at] ?? 0) & ~(1 << ((entry & 3) * 2))
    }
    if (key !== null) {
      const entries = page.subarray(FIRST_ENTRY, FIRST_ENTRY + this.#used * ENTRY_SIZE)
      page.set(encryptEntries(key, entries, sequence * PAGE_SIZE + FIRST_ENTRY), FIRST_ENTRY)
    }
    return page
  }

  #add({ namespace, type, key, chunk = NO_CHUNK }: EntryHead, data: Uint8Array, span: number): void {
    const at = FIRST_ENTRY + this.#used * ENTRY_SIZE
    const entry = this.#bytes.subarray(at, at + ENTRY_SIZE)
    entry.set([namespace, type, span, chunk])
    entry.fill(0, 8, 24)
    entry.set(Buffer.from(key), 8)
    entry.set(data, 24)
    viewOf(entry).setUint32(4, entryCrc(entry), true)
    this.#used += span
  }
}
