import { crc32 } from 'node:zlib'
import type { NvsIntegerType } from './nvs-value.ts'

/*
 * NVS partition format, versions 1 and 2: "Non-Volatile Storage Library, internals" of the ESP-IDF programming guide.
 * A page is a header of 32 bytes, a bitmap of 32 and 126 entries of 32; everything is little-endian.
 */

export const PAGE_SIZE = 4096
/** A device needs one erased page to move entries to, and keeps its own counters in another. */
export const LEAST_PAGES = 3
export const ENTRY_SIZE = 32
export const ENTRIES_A_PAGE = 126
export const HEADER_SIZE = 32
export const FIRST_ENTRY = 64

/** Each step clears one more bit, so that flash takes it without an erase. */
export const PageState = {
  empty: 0xff_ff_ff_ff,
  active: 0xff_ff_ff_fe,
  full: 0xff_ff_ff_fc,
  /** Its entries are being moved to a newer page. */
  freeing: 0xff_ff_ff_f8,
} as const

export const VERSION_1 = 0xff
export const VERSION_2 = 0xfe

/** Two bits of the bitmap, one pair an entry, least significant first. */
export const EntryState = { erased: 0b00, written: 0b10, empty: 0b11 } as const

export const ItemType = {
  string: 0x21,
  /** A blob of version 1: in one page, without an index. */
  oldBlob: 0x41,
  blobData: 0x42,
  blobIndex: 0x48,
} as const

export const integerCodes: Record<NvsIntegerType, number> = {
  u8: 0x01,
  i8: 0x11,
  u16: 0x02,
  i16: 0x12,
  u32: 0x04,
  i32: 0x14,
  u64: 0x08,
  i64: 0x18,
}

const integerTypesByCode = new Map(
  Object.entries(integerCodes).map(([type, code]) => [code, type as NvsIntegerType]),
)

export function integerTypeOf(code: number): NvsIntegerType | undefined {
  return integerTypesByCode.get(code)
}

/** Of every entry but BLOB_DATA, which counts its chunks there. */
export const NO_CHUNK = 0xff

/** Bytes of a key, without its NUL. */
export const MOST_KEY_BYTES = 15
/** Bytes with the NUL: what one page holds behind the entry that heads them. */
export const MOST_STRING_BYTES = (ENTRIES_A_PAGE - 1) * ENTRY_SIZE
/** Devices take blobs of 127 pages; their chunks are counted from 0 or, for the next version of a blob, from 128. */
export const MOST_BLOB_BYTES = 127 * MOST_STRING_BYTES
/** Index 0 names the list of namespaces, 255 is "any". */
export const MOST_NAMESPACES = 254

/** CRC-32 as zlib continues it from 0xffffffff. */
export function nvsCrc(bytes: Uint8Array): number {
  return crc32(bytes, 0xff_ff_ff_ff)
}

/** Of an entry of 32 bytes: over all of it but the checksum itself at 4. */
export function entryCrc(entry: Uint8Array): number {
  // zlib's is faster, but not by as much as the way to it costs for so few bytes.
  let crc = 0
  for (let at = 0; at < ENTRY_SIZE; at += 1) {
    if (at < 4 || at > 7) crc = (crcOfByte[(crc ^ (entry[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  }
  return ~crc >>> 0
}

const crcOfByte = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1
  return crc
})

export function entryState(page: Uint8Array, entry: number): number {
  return ((page[HEADER_SIZE + (entry >> 2)] ?? 0) >> ((entry & 3) * 2)) & 0b11
}

const ERASED_PAGE = Buffer.alloc(PAGE_SIZE, 0xff)

/** @param bytes a page at the most */
export function isErased(bytes: Uint8Array): boolean {
  return ERASED_PAGE.compare(bytes, 0, bytes.length, 0, bytes.length) === 0
}

/** Entries that so many bytes of payload fill. */
export function entriesFor(bytes: number): number {
  return Math.ceil(bytes / ENTRY_SIZE)
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** An offset as people compare it with a hex dump. */
export function hex(offset: number): string {
  return `0x${offset.toString(16)}`
}
