import * as z from 'zod'

/** As ESP Web Tools manifests write them in `chipFamily`. */
export const chipFamilies = [
  'ESP32',
  'ESP32-S2',
  'ESP32-S3',
  'ESP32-C3',
  'ESP32-C6',
  'ESP32-C2',
  'ESP32-H2',
] as const
export const ChipFamilySchema = z.enum(chipFamilies)
export type ChipFamily = (typeof chipFamilies)[number]

/** What keeps a chip from being flashed as it comes; null where the chip does not tell. */
export const BoardSecuritySchema = z.object({
  secureBoot: z.boolean().nullable(),
  flashEncryption: z.boolean().nullable(),
  /** UART download is off for ever, or only in its secure form. */
  downloadMode: z.enum(['open', 'secure', 'disabled']).nullable(),
})
export type BoardSecurity = z.infer<typeof BoardSecuritySchema>

/** Who is on the line, as its ROM loader and fuses tell. */
export const BoardInfoSchema = z.object({
  chip: ChipFamilySchema,
  /** As its maker writes it: `ESP32-D0WD-V3`. */
  model: z.string(),
  /** `3.1`; null where the chip does not tell. */
  revision: z.string().nullable(),
  /** `aa:bb:cc:dd:ee:ff` */
  mac: z.string(),
  /** Wi-Fi, BT, dual core … */
  features: z.array(z.string()),
  /** Bytes; null where the flash does not say. */
  flashSize: z.number().int().nullable(),
  /** JEDEC manufacturer and device of the flash chip, hex: `ef4016`. */
  flashId: z.string().nullable(),
  /** MHz. */
  crystal: z.number().nullable(),
  security: BoardSecuritySchema,
})
export type BoardInfo = z.infer<typeof BoardInfoSchema>

/** How far one step is. */
export interface FlashProgress {
  /** What is erased, written, checked or read: the part's name. */
  part: string
  /** Bytes of all parts of this step. */
  done: number
  total: number
  /** Bytes a second, uncompressed; null at the start. */
  rate: number | null
  /** null at the start. */
  secondsLeft: number | null
}

/** Bytes for one region of the flash. */
export interface FlashPart {
  /** `bootloader`, `partition table`, `app`, `nvs` … */
  name: string
  offset: number
  bytes: Uint8Array
  /** The same for many boards and no secret: compressed once and kept in memory. */
  isShared?: boolean
}

/** A region as the chip itself hashed it. */
export const FlashedRegionSchema = z.object({
  name: z.string(),
  offset: z.number().int(),
  size: z.number().int(),
  /** Lower-case hex, of what the flash holds. */
  md5: z.string(),
  /** Lower-case hex, of what was written. */
  sha256: z.string(),
})
export type FlashedRegion = z.infer<typeof FlashedRegionSchema>
