import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { FlashPart } from '#contract/model/board.ts'

/** One row of the partition table of a chip. Offsets and sizes in bytes. */
export interface Partition {
  readonly label: string
  /** 0 app, 1 data; others are the firmware's own. */
  readonly type: number
  readonly subtype: number
  readonly offset: number
  readonly size: number
  readonly isEncrypted: boolean
}

/** Where the bootloaders of all chip families look for the table, unless built otherwise. */
export const PARTITION_TABLE_OFFSET = 0x8000
/** Bytes of the table: its sector less what a secure boot signature takes. */
export const PARTITION_TABLE_MOST_BYTES = 0xc00

export const PartitionType = { app: 0x00, data: 0x01 } as const
/** Subtypes of `data`. */
export const DataSubtype = { otadata: 0x00, phy: 0x01, nvs: 0x02, coredump: 0x03, nvsKeys: 0x04 } as const

const ROW = 32
const ROW_MAGIC = 0x50aa
const MD5_MAGIC = 0xebeb
const SECTOR = 0x1000
/** The memory map of the chips works in pages of 64 KiB. */
const APP_ALIGNMENT = 0x1_0000
const ENCRYPTED_FLAG = 1

/**
 * Reads a partition table as the bootloader does, and checks what it does not: that rows do not overlap, nor lie
 * over what is before them.
 * Format: "Partition Tables" of the ESP-IDF programming guide; rows of 32 bytes, then one with the MD5 of those
 * before it (left out by some builds), then 0xff.
 *
 * @param bytes the table, or a flash part that begins with it
 * @throws ExpectedError `partition_table_invalid`
 */
export function parsePartitionTable(bytes: Uint8Array): Partition[] {
  const partitions: Partition[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let hasEnded = false
  let hasSum = false
  for (let at = 0; at < PARTITION_TABLE_MOST_BYTES && !hasEnded; at += ROW) {
    if (at + ROW > bytes.length) throw invalid(`it is cut off after ${bytes.length} bytes`)
    const row = bytes.subarray(at, at + ROW)
    const magic = view.getUint16(at, true)
    if (magic === ROW_MAGIC) {
      if (hasSum) throw invalid(`there is a row behind its checksum, at 0x${at.toString(16)}`)
      partitions.push(readRow(row))
    } else if (magic === MD5_MAGIC) {
      if (hasSum || !hasRightSum(bytes, at))
        throw invalid('its checksum is wrong: the table was changed or damaged')
      hasSum = true
    } else if (row.every((byte) => byte === 0xff)) {
      hasEnded = true
    } else {
      throw invalid(`there is no row at 0x${at.toString(16)}, nor its end`)
    }
  }
  if (partitions.length === 0) throw invalid('it has no rows')
  requireOrder(partitions)
  return partitions
}

/**
 * That a board can take parts and the partition table among them: all within the flash, no part over another, counted in
 * the sectors in which flash is erased. Which part lies in which partition is checked where a bundle is read.
 *
 * @param flashSize bytes; null where the flash does not say
 * @throws ExpectedError `flash_too_small`, `parts_overlap`
 */
export function requireFit(
  parts: readonly FlashPart[],
  partitions: readonly Pick<Partition, 'label' | 'offset' | 'size'>[],
  flashSize: number | null,
): void {
  const within = (part: string, need: number) => {
    if (flashSize !== null && need > flashSize)
      throw new ExpectedError('flash_too_small', { part, need, size: flashSize })
  }
  for (const { label, offset, size } of partitions) within(`partition ${label}`, offset + size)
  const sorted = parts.toSorted((a, b) => a.offset - b.offset)
  for (const [index, second] of sorted.entries()) {
    within(second.name, second.offset + second.bytes.length)
    const first = sorted[index - 1]
    // A part that begins in the last sector of another would erase its end.
    if (first !== undefined && sectorEnd(first) > second.offset)
      throw new ExpectedError('parts_overlap', {
        first: first.name,
        second: second.name,
        offset: hex(second.offset),
      })
  }
}

function readRow(row: Uint8Array): Partition {
  const view = new DataView(row.buffer, row.byteOffset, ROW)
  const label = labelOf(row.subarray(12, 28))
  const [, , type = 0, subtype = 0] = row
  const offset = view.getUint32(4, true)
  const size = view.getUint32(8, true)
  if (size === 0) throw invalid(`${label} has no size`)
  // What lies before is the bootloader and the table itself.
  if (offset < PARTITION_TABLE_OFFSET + SECTOR)
    throw invalid(`${label} begins at ${hex(offset)}, over the bootloader or the table itself`)
  const alignment = type === PartitionType.app ? APP_ALIGNMENT : SECTOR
  if (offset % alignment !== 0)
    throw invalid(`${label} begins at ${hex(offset)}, no multiple of ${hex(alignment)}`)
  // NVS works in whole pages; other data may end anywhere.
  if (isNvs({ type, subtype }) && size % SECTOR !== 0)
    throw invalid(`${label} has ${hex(size)} bytes, no multiple of ${hex(SECTOR)}`)
  const isEncrypted = (view.getUint32(28, true) & ENCRYPTED_FLAG) !== 0
  return { label, type, subtype, offset, size, isEncrypted }
}

/** Settings: what `nvs_flash_init_partition` takes. */
export function isNvs({ type, subtype }: Pick<Partition, 'type' | 'subtype'>): boolean {
  return type === PartitionType.data && subtype === DataSubtype.nvs
}

/** Up to 16 bytes; a NUL ends it where it is shorter. */
function labelOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  const label = Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('latin1')
  if (!/^[\x20-\x7e]+$/.test(label)) throw invalid('a row has no label that can be read')
  return label
}

function hasRightSum(bytes: Uint8Array, at: number): boolean {
  const sum = createHash('md5').update(bytes.subarray(0, at)).digest()
  return sum.equals(bytes.subarray(at + 16, at + ROW))
}

/** Rows may stand in any order; on the chip they may not share a byte, nor a name. */
function requireOrder(partitions: readonly Partition[]): void {
  const sorted = partitions.toSorted((a, b) => a.offset - b.offset)
  for (const [index, { label, offset }] of sorted.entries()) {
    const before = sorted[index - 1]
    if (before !== undefined && before.offset + before.size > offset)
      throw invalid(`${before.label} and ${label} overlap at ${hex(offset)}`)
  }
  const twice = partitions.find(
    ({ label }, index) => partitions.findIndex((one) => one.label === label) !== index,
  )
  if (twice !== undefined) throw invalid(`there are two partitions named ${twice.label}`)
}

function sectorEnd({ offset, bytes }: FlashPart): number {
  return Math.ceil((offset + bytes.length) / SECTOR) * SECTOR
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

function invalid(problem: string): ExpectedError {
  return new ExpectedError('partition_table_invalid', { problem })
}
