import { createHash } from 'node:crypto'
import type { ChipFamily } from '#contract/model/board.ts'
import { imageChipId } from '../image-chips.ts'

/** Where its two segments would be loaded; no chip runs them. */
const ADDRESSES = [0x3f40_0020, 0x400d_0020] as const

/** An image as a chip's ROM takes it: header, segments, checksum, SHA-256 (esp_image_format.h). */
export function espImageFile(chip: ChipFamily, segments: readonly [Buffer, Buffer]): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt8(0xe9, 0)
  header.writeUInt8(segments.length, 1)
  header.writeUInt8(2, 2) // DIO
  header.writeUInt8(0x20, 3) // 4 MB, 40 MHz
  header.writeUInt32LE(ADDRESSES[1], 4)
  header.writeUInt8(0xee, 8) // no write-protect pin
  header.writeUInt16LE(imageChipId(chip), 12)
  header.writeUInt16LE(0xffff, 17) // any revision
  header.writeUInt8(1, 23) // a SHA-256 follows
  let checksum = 0xef
  const parts: Buffer[] = [header]
  for (const [index, data] of segments.entries()) {
    const head = Buffer.alloc(8)
    head.writeUInt32LE(ADDRESSES[index] ?? 0, 0)
    head.writeUInt32LE(data.length, 4)
    for (const byte of data) checksum ^= byte
    parts.push(head, data)
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const padding = Buffer.alloc(16 - (length % 16))
  padding.writeUInt8(checksum, padding.length - 1)
  const body = Buffer.concat([...parts, padding])
  return Buffer.concat([body, createHash('sha256').update(body).digest()])
}

/** What an app says of itself, 256 bytes at its beginning (esp_app_desc_t). */
export function appDescription(about: { project: string; version: string; idf: string }): Buffer {
  const description = Buffer.alloc(256)
  description.writeUInt32LE(0xabcd_5432, 0)
  description.write(about.version, 16, 31, 'latin1')
  description.write(about.project, 48, 31, 'latin1')
  description.write(about.idf, 112, 31, 'latin1')
  return description
}
