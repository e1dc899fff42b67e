import * as z from 'zod'
import { ChipFamilySchema } from './board.ts'

/** Bytes of a bundle as it is sent, and of all its parts unpacked. */
export const BUNDLE_MOST = 128 * 1024 ** 2

/** Lower-case hex. */
export const Sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'use 64 lower-case hex digits')

/** Ed25519, 32 bytes in Base64. */
export const PublisherKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/, 'use the 32 bytes of an Ed25519 public key in Base64')

/** What a part is for, as its place in the flash tells. `merged`: several of these in one file. */
export const partRoles = ['bootloader', 'partition_table', 'app', 'data', 'merged'] as const

/** A file of a bundle, and where it goes. */
export const BundlePartSchema = z.object({
  /** As progress and reports call it: `bootloader`, `partition table`, or the label of its partition. */
  name: z.string(),
  path: z.string(),
  role: z.enum(partRoles),
  offset: z.number().int(),
  size: z.number().int(),
  sha256: Sha256Schema,
})
export type BundlePart = z.infer<typeof BundlePartSchema>

/** A region of the flash, as the partition table of the image names it. */
export const BundlePartitionSchema = z.object({
  label: z.string(),
  type: z.number().int(),
  subtype: z.number().int(),
  offset: z.number().int(),
  size: z.number().int(),
  isEncrypted: z.boolean(),
})
export type BundlePartition = z.infer<typeof BundlePartitionSchema>

/** What a bundle holds for one chip. */
export const BundleBuildSchema = z.object({
  chip: ChipFamilySchema,
  /** By offset. */
  parts: z.array(BundlePartSchema),
  partitions: z.array(BundlePartitionSchema),
  /** Where settings and identity go; null: the image has no place for them. */
  nvs: z.object({ label: z.string(), offset: z.number().int(), size: z.number().int() }).nullable(),
  /** `3.0`; null: any. */
  minimumRevision: z.string().nullable(),
  maximumRevision: z.string().nullable(),
  /** Bytes of flash that the parts and the partition table need. */
  flashSize: z.number().int(),
  /** As the app says of itself; null where it does not. */
  app: z.object({ project: z.string(), version: z.string(), idf: z.string() }).nullable(),
})
export type BundleBuild = z.infer<typeof BundleBuildSchema>

/** All that reading a bundle tells. */
export const BundleFactsSchema = z.object({
  name: z.string(),
  version: z.string(),
  /** `gateway`: speaks Millwright's settings (namespace `mw`). `other`: any firmware. */
  kind: z.enum(['gateway', 'other']),
  /** The firmware can make its key on the chip. */
  makesKeys: z.boolean(),
  /** The firmware takes Wi-Fi settings by Improv over serial. */
  improv: z.boolean(),
  /** Runs on simulated boards only. */
  isSimulated: z.boolean(),
  builds: z.array(BundleBuildSchema),
  /** Chips of the manifest that Millwright does not flash. */
  skippedChips: z.array(z.string()),
  /** Bytes of all files, each counted once. */
  size: z.number().int(),
  /** SHA-256 over manifest, signature and the hashes of the parts: what makes it this bundle. */
  contentHash: Sha256Schema,
  /** Who signed it; null: nobody. */
  signer: PublisherKeySchema.nullable(),
})
export type BundleFacts = z.infer<typeof BundleFactsSchema>

/**
 * `signed`: by a publisher that is trusted. `untrusted`: by somebody else. A signature that does not fit is refused when
 * a bundle is imported.
 */
export const bundleTrusts = ['signed', 'untrusted', 'unsigned'] as const
export type BundleTrust = (typeof bundleTrusts)[number]
