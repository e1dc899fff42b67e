import { createHash } from 'node:crypto'
import type { FlashArray } from '../flash-array.ts'

/*
 * What a chip checks of an image before it runs it (esp_image_format.h): magic, chip, the XOR of the data, and the hash
 * behind it. Written apart from what the bench uses to check images: one mistake must not pass both.
 */
const HEADER = 24
const SEGMENT_HEADER = 8
const MAGIC = 0xe9
/** Magic word of esp_app_desc_t at the beginning of the first segment. */
const APP_MAGIC = 0xabcd5432
const HASH = 32

export interface BootImage {
  /** Bytes with checksum and hash. */
  bytes: Uint8Array
  version: string
  project: string
}

/** @returns the image at an offset, or in the chip's words why it does not start */
export function readBootImage(flash: FlashArray, offset: number, chipId: number): BootImage | string {
  const at = `0x${offset.toString(16)}`
  const header = viewOf(flash.read(offset, HEADER))
  if (header.getUint8(0) !== MAGIC) return `image at ${at} has invalid magic byte (nothing flashed here?)`
  if (header.getUint16(12, true) !== chipId)
    return `mismatch chip ID, expected ${chipId}, found ${header.getUint16(12, true)}`
  const segments = header.getUint8(1)
  let end = HEADER
  let sum = 0xef
  for (let index = 0; index < segments; index += 1) {
    const length = viewOf(flash.read(offset + end, SEGMENT_HEADER)).getUint32(4, true)
    if (length > flash.size - end) return `Segment ${index} length ${length} is too long`
    for (const byte of flash.read(offset + end + SEGMENT_HEADER, length)) sum ^= byte
    end += SEGMENT_HEADER + length
  }
  // The checksum is the last byte of a block of 16.
  end += 16 - (end % 16)
  const bytes = flash.read(offset, end + HASH)
  const stored = bytes[end - 1] ?? 0
  if (stored !== sum) return `Checksum failed. Calculated 0x${hex(sum)} read 0x${hex(stored)}`
  const isHashed = header.getUint8(23) === 1
  if (isHashed && !createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end)))
    return `Image hash failed - image is corrupt`
  return { bytes: isHashed ? bytes : bytes.subarray(0, end), ...description(bytes) }
}

function description(bytes: Uint8Array): { version: string; project: string } {
  const from = HEADER + SEGMENT_HEADER
  if (bytes.length < from + 80 || viewOf(bytes).getUint32(from, true) !== APP_MAGIC)
    return { version: '?', project: '?' }
  return { version: textAt(bytes, from + 16, 32), project: textAt(bytes, from + 48, 32) }
}

export function textAt(bytes: Uint8Array, from: number, room: number): string {
  const field = bytes.subarray(from, from + room)
  const end = field.indexOf(0)
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end))
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
