import * as z from 'zod'
import { base, errors } from '../base.ts'
import { ChipFamilySchema } from '../model/board.ts'
import { BundleFactsSchema, bundleTrusts, PublisherKeySchema, Sha256Schema } from '../model/bundle.ts'
import { IdSchema } from '../model/ids.ts'
import { TenantRefSchema } from '../model/tenant-ref.ts'

/** A bundle of the catalogue. */
export const FirmwareBundleSchema = z.object({
  id: IdSchema,
  /** Null: for all of the site. */
  tenant: TenantRefSchema.nullable(),
  name: z.string(),
  version: z.string(),
  kind: BundleFactsSchema.shape.kind,
  makesKeys: z.boolean(),
  improv: z.boolean(),
  isSimulated: z.boolean(),
  chips: z.array(ChipFamilySchema),
  size: z.number().int(),
  hash: Sha256Schema,
  trust: z.enum(bundleTrusts),
  /** Who signed it, where they are trusted. */
  publisher: z.object({ id: IdSchema, name: z.string() }).nullable(),
  /** Whose signature it bears, trusted or not. */
  signer: z.object({ publicKey: PublisherKeySchema, fingerprint: Sha256Schema }).nullable(),
  importedAt: z.date(),
  importedBy: z.string(),
  /** Flash jobs that used it, and runs of the bench that go on with it. */
  jobs: z.number().int(),
  openRuns: z.number().int(),
})
export type FirmwareBundle = z.infer<typeof FirmwareBundleSchema>

export const FirmwareBundleDetailsSchema = FirmwareBundleSchema.extend({
  builds: BundleFactsSchema.shape.builds,
  skippedChips: z.array(z.string()),
})
export type FirmwareBundleDetails = z.infer<typeof FirmwareBundleDetailsSchema>

export const FirmwarePublisherSchema = z.object({
  id: IdSchema,
  /** Null: all tenants trust it. */
  tenant: TenantRefSchema.nullable(),
  name: z.string(),
  publicKey: PublisherKeySchema,
  /** SHA-256 of the key's 32 bytes: what people compare. */
  fingerprint: Sha256Schema,
  addedAt: z.date(),
  addedBy: z.string(),
  /** Bundles that it signed. */
  bundles: z.number().int(),
})
export type FirmwarePublisher = z.infer<typeof FirmwarePublisherSchema>

const NameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line without control characters')

const TenantSchema = z.string().min(1).max(64).optional()
const forWhom = TenantSchema.describe(
  'Id or slug. Left out: the own tenant; for people of the site all of it',
)
const ofWhom = TenantSchema.describe('Id or slug. Only what is of use to this tenant')
const BundleRefSchema = z.object({ bundleId: IdSchema })

/** Everything that can be wrong with a bundle that somebody brings. */
const refusals = [
  'bundle_zip_damaged',
  'bundle_too_large',
  'bundle_too_many_files',
  'bundle_path_refused',
  'bundle_manifest_missing',
  'bundle_manifest_invalid',
  'bundle_chips_unsupported',
  'bundle_part_missing',
  'bundle_part_empty',
  'bundle_part_changed',
  'bundle_offset_unaligned',
  'bundle_partition_table_missing',
  'partition_table_invalid',
  'bundle_partition_exceeded',
  'bundle_part_misplaced',
  'parts_overlap',
  'bundle_bootloader_missing',
  'bundle_app_missing',
  'bundle_image_none',
  'bundle_image_truncated',
  'bundle_image_damaged',
  'bundle_image_other_chip',
  'bundle_nvs_missing',
  'bundle_signature_broken',
] as const

/** Firmware that boards are flashed with, and who may have signed it. */
export const firmware = {
  list: base
    .meta({ access: 'firmware:read' })
    .route({
      method: 'GET',
      path: '/firmware/bundles',
      tags: ['Firmware'],
      summary: 'Firmware bundles, newest first',
    })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: ofWhom }))
    .output(z.object({ bundles: z.array(FirmwareBundleSchema) })),
  show: base
    .meta({ access: 'firmware:read' })
    .route({
      method: 'GET',
      path: '/firmware/bundles/{bundleId}',
      tags: ['Firmware'],
      summary: 'One bundle: its chips, parts and partitions',
    })
    .errors(errors('not_found'))
    .input(BundleRefSchema)
    .output(FirmwareBundleDetailsSchema),
  /** For callers that cannot send a whole file as a body, as `POST /api/v1/firmware/bundles` takes it. */
  upload: base
    .meta({ access: 'firmware:write', audit: 'firmware.upload' })
    .route({
      method: 'POST',
      path: '/firmware/uploads',
      tags: ['Firmware'],
      summary: 'A part of the ZIP of a bundle, in order',
    })
    .errors(errors('not_found', 'bundle_too_large', 'import_too_large', 'too_many_jobs', 'job_disk_full'))
    .input(
      z.object({
        uploadId: IdSchema.optional().describe('Left out for the first part'),
        name: z.string().max(200).default(''),
        offset: z.number().int().min(0),
        data: z.string().max(1_000_000).describe('Base64'),
      }),
    )
    .output(z.object({ uploadId: IdSchema, bytes: z.number() })),
  import: base
    .meta({ access: 'firmware:write', reach: 'tenant', audit: 'firmware.import' })
    .route({
      method: 'POST',
      path: '/firmware/imports',
      tags: ['Firmware'],
      summary: 'Check what was uploaded and take it into the catalogue',
      description:
        'A ZIP with a manifest.json in the form of ESP Web Tools, its parts, and signature.json where it is signed.',
      successStatus: 201,
    })
    .errors(
      errors(
        'forbidden_reach',
        'not_found',
        'tenant_unknown',
        'bundle_known',
        'too_many_bundles',
        'job_disk_full',
        ...refusals,
      ),
    )
    .input(z.object({ uploadId: IdSchema, tenant: forWhom }))
    .output(FirmwareBundleDetailsSchema),
  /** For callers without HTTP: `GET /api/v1/firmware/bundles/{bundleId}/zip` gives the whole. */
  filePart: base
    .meta({ access: 'firmware:read' })
    .errors(errors('not_found', 'data_damaged'))
    .input(
      BundleRefSchema.extend({
        path: z.string().min(1).max(255).describe('`manifest.json`, `signature.json`, or the path of a part'),
        offset: z.number().int().min(0),
      }),
    )
    /** Base64; empty at the end. */
    .output(z.object({ data: z.string() })),
  remove: base
    .meta({ access: 'firmware:write', reach: 'tenant', audit: 'firmware.remove' })
    .route({
      method: 'DELETE',
      path: '/firmware/bundles/{bundleId}',
      tags: ['Firmware'],
      summary: 'Delete a bundle that no open run uses',
    })
    .errors(errors('forbidden_reach', 'forbidden', 'not_found', 'bundle_in_use'))
    .input(BundleRefSchema)
    .output(z.object({ removed: z.literal(true) })),
  listPublishers: base
    .meta({ access: 'firmware:read' })
    .route({
      method: 'GET',
      path: '/firmware/publishers',
      tags: ['Firmware'],
      summary: 'Publishers whose signature is trusted, by name',
    })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: ofWhom }))
    .output(z.object({ publishers: z.array(FirmwarePublisherSchema) })),
  addPublisher: base
    .meta({ access: 'firmware:write', reach: 'tenant', audit: 'firmware.publisher.add' })
    .route({
      method: 'POST',
      path: '/firmware/publishers',
      tags: ['Firmware'],
      summary: 'Trust the signature of a publisher',
      successStatus: 201,
    })
    .errors(
      errors(
        'forbidden_reach',
        'tenant_unknown',
        'publisher_known',
        'publisher_name_taken',
        'publisher_key_invalid',
        'too_many_publishers',
      ),
    )
    .input(
      z.object({
        name: NameSchema,
        publicKey: z.string().trim().min(1).max(2_000).describe('Ed25519: PEM, or the 32 bytes in Base64'),
        tenant: forWhom,
      }),
    )
    .output(FirmwarePublisherSchema),
  removePublisher: base
    .meta({ access: 'firmware:write', reach: 'tenant', audit: 'firmware.publisher.remove' })
    .route({
      method: 'DELETE',
      path: '/firmware/publishers/{publisherId}',
      tags: ['Firmware'],
      summary: 'Trust a publisher no more; its bundles stay, as of an unknown one',
    })
    .errors(errors('forbidden_reach', 'forbidden', 'not_found'))
    .input(z.object({ publisherId: IdSchema }))
    .output(z.object({ removed: z.literal(true) })),
  settings: base
    .meta({ access: 'firmware:read' })
    .route({
      method: 'GET',
      path: '/firmware/settings',
      tags: ['Firmware'],
      summary: 'Whether a tenant flashes only bundles of publishers that it trusts',
    })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: TenantSchema }))
    .output(z.object({ tenant: TenantRefSchema, signedOnly: z.boolean() })),
  updateSettings: base
    .meta({ access: 'firmware:write', reach: 'tenant', audit: 'firmware.settings' })
    .route({
      method: 'PUT',
      path: '/firmware/settings',
      tags: ['Firmware'],
      summary: 'Flash only bundles of publishers that the tenant trusts, or any',
    })
    .errors(errors('forbidden_reach', 'tenant_unknown'))
    .input(z.object({ tenant: TenantSchema, signedOnly: z.boolean() }))
    .output(z.object({ tenant: TenantRefSchema, signedOnly: z.boolean() })),
}
