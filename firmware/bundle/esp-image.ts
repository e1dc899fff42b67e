import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { ChipFamily } from '#contract/model/board.ts'
import { imageChipId, imageChipName } from './image-chips.ts'

/*
 * An image as the ROM loads it (esp_image_format.h): 24 bytes of header, segments of 8 bytes of header and their data, a
 * checksum as the last byte of a block of 16, and the SHA-256 of all of that where the header says so.
 */
export const IMAGE_MAGIC = 0xe9
const HEADER = 24
const SEGMENT_HEADER = 8
const MOST_SEGMENTS = 16
const CHECKSUM_SEED = 0xef
const HASH = 32
/** Of the description that an app begins its first segment with (esp_app_desc_t). */
const APP_MAGIC = 0xabcd5432

export interface EspImage {
  /** Bytes of it, hash and all. */
  size: number
  /** As an app says of itself; null of a bootloader, or where it does not. */
  app: { project: string; version: string; idf: string } | null
}

/**
 * Reads an image that begins with `bytes`; what follows its end is left alone.
 *
 * @throws ExpectedError `bundle_image_none`, `bundle_image_truncated`, `bundle_image_damaged`, `bundle_image_other_chip`
 */
export function readEspImage(
  bytes: Uint8Array,
  { part, chip }: { part: string; chip: ChipFamily },
): EspImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const need = (end: number) => {
    if (end > bytes.length)
      throw new ExpectedError('bundle_image_truncated', { part, missing: end - bytes.length })
  }
  need(1)
  if (bytes[0] !== IMAGE_MAGIC)
    throw new ExpectedError('bundle_image_none', {
      part,
      byte: `0x${bytes[0]?.toString(16).padStart(2, '0')}`,
    })
  need(HEADER)
  const chipId = view.getUint16(12, true)
  if (chipId !== imageChipId(chip))
    throw new ExpectedError('bundle_image_other_chip', { part, actual: imageChipName(chipId), wanted: chip })
  const segments = view.getUint8(1)
  if (segments === 0 || segments > MOST_SEGMENTS)
    throw new ExpectedError('bundle_image_damaged', { part, what: 'count of segments' })
  let end = HEADER
  let checksum = CHECKSUM_SEED
  for (let segment = 0; segment < segments; segment++) {
    need(end + SEGMENT_HEADER)
    const length = view.getUint32(end + 4, true)
    const from = end + SEGMENT_HEADER
    end = from + length
    need(end)
    for (let at = from; at < end; at++) checksum ^= bytes[at] as number
  }
  end += 16 - (end % 16)
  need(end)
  if (bytes[end - 1] !== checksum) throw new ExpectedError('bundle_image_damaged', { part, what: 'checksum' })
  if (view.getUint8(23) === 1) {
    need(end + HASH)
    const hash = createHash('sha256').update(bytes.subarray(0, end)).digest()
    if (!hash.equals(bytes.subarray(end, end + HASH)))
      throw new ExpectedError('bundle_image_damaged', { part, what: 'SHA-256' })
    end += HASH
  }
  return { size: end, app: readAppDescription(bytes, view) }
}

function readAppDescription(bytes: Uint8Array, view: DataView): EspImage['app'] {
  const at = HEADER + SEGMENT_HEADER
  if (bytes.length < at + 256 || view.getUint32(at, true) !== APP_MAGIC) return null
  return {
    version: text(bytes, at + 16),
    project: text(bytes, at + 48),
    idf: text(bytes, at + 112),
  }
}

/** 32 bytes, up to a NUL. */
function text(bytes: Uint8Array, at: number): string {
  const field = Buffer.from(bytes.subarray(at, at + 32))
  const end = field.indexOf(0)
  return field.toString('latin1', 0, end === -1 ? 32 : end).replace(/[^ -~]/g, '')
}
