import type { ImageCheck } from './image-check.ts'
import {
  ENTRIES_A_PAGE,
  ENTRY_SIZE,
  EntryState,
  entriesFor,
  entryCrc,
  entryState,
  FIRST_ENTRY,
  ItemType,
  integerTypeOf,
  isErased,
  MOST_KEY_BYTES,
  NO_CHUNK,
  nvsCrc,
  viewOf,
} from './layout.ts'

/** One entry with what belongs to it, its checksums found right. */
export interface NvsItem {
  /** Offset in the partition, bytes. */
  readonly offset: number
  /** 0 for an entry that names a namespace. */
  readonly namespace: number
  readonly type: number
  readonly key: string
  /** Of BLOB_DATA. */
  readonly chunk: number
  /** The 8 bytes of the entry itself. */
  readonly data: Uint8Array
  /** Of strings and blobs. */
  readonly payload: Uint8Array | null
}

interface Read {
  item: NvsItem | null
  /** Entries to go on by. */
  span: number
}

/**
 * Reads the item that begins at an entry.
 *
 * @param page as stored, for the bitmap
 * @param entries the same page with its entries decrypted
 * @param offset of the page in the partition
 */
export function readItem(
  page: Uint8Array,
  entries: Uint8Array,
  entry: number,
  offset: number,
  check: ImageCheck,
): Read {
  const at = FIRST_ENTRY + entry * ENTRY_SIZE
  const bytes = entries.subarray(at, at + ENTRY_SIZE)
  const view = viewOf(bytes)
  const drop = (problem: string, span = 1): Read => {
    check.fault(offset + at, `${problem}; the entry is left out`)
    return { item: null, span }
  }
  // A device drops such an entry without a word, and so would a value get lost.
  if (view.getUint32(4, true) !== entryCrc(bytes)) return drop('the checksum of the entry is wrong')
  // By index: taking the array apart is many times slower.
  const namespace = bytes[0] ?? 0
  const type = bytes[1] ?? 0
  const span = bytes[2] ?? 0
  const chunk = bytes[3] ?? 0
  const hasPayload = type === ItemType.string || type === ItemType.oldBlob || type === ItemType.blobData
  if (!hasPayload && type !== ItemType.blobIndex && integerTypeOf(type) === undefined)
    return drop(`type ${type} is not known`)
  const size = hasPayload ? view.getUint16(24, true) : 0
  if (span !== 1 + entriesFor(size) || entry + span > ENTRIES_A_PAGE)
    return drop(`it cannot have ${span} entries`)
  if (type !== ItemType.blobData && chunk !== NO_CHUNK) return drop('it cannot be a part of a blob', span)
  for (let more = entry + 1; more < entry + span; more += 1) {
    if (entryState(page, more) !== EntryState.written)
      return drop('the bitmap says that a part of its value is gone', span)
  }
  const key = keyOf(bytes.subarray(8, 24))
  if (key === null) return drop('its key is none', span)
  const data = bytes.subarray(24, ENTRY_SIZE)
  if (!hasPayload)
    return { item: { offset: offset + at, namespace, type, key, chunk, data, payload: null }, span }
  const payload = entries.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + size)
  if (view.getUint32(28, true) !== nvsCrc(payload)) return drop('the checksum of its value is wrong', span)
  if (!isErased(entries.subarray(at + ENTRY_SIZE + size, at + span * ENTRY_SIZE)))
    check.used(offset + at + ENTRY_SIZE + size, 'the rest behind a value is not erased')
  return { item: { offset: offset + at, namespace, type, key, chunk, data, payload }, span }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Ends at its NUL, and nothing is behind it. One with control characters is noise, and nothing for a terminal. */
function keyOf(bytes: Uint8Array): string | null {
  const length = bytes.indexOf(0)
  if (length < 1 || length > MOST_KEY_BYTES) return null
  if (bytes.subarray(length).some((byte) => byte !== 0)) return null
  try {
    const key = utf8.decode(bytes.subarray(0, length))
    return /\p{Cc}/u.test(key) ? null : key
  } catch {
    return null
  }
}
