import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { Sha256Schema } from '#contract/model/bundle.ts'
import { bundleLimits } from './bundle-limits.ts'

/** One line without control characters. */
const LineSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line without control characters')

const RevisionSchema = z.string().regex(/^\d{1,2}\.\d{1,2}$/, 'use major.minor, such as 3.0')

const PartSchema = z.object({
  path: z.string().min(1).max(bundleLimits.path),
  offset: z.number().int().min(0).max(0x1ff_ffff),
  sha256: Sha256Schema.optional(),
  size: z.number().int().min(1).optional(),
})

const BuildSchema = z.object({
  chipFamily: z.string().min(1).max(40),
  parts: z.array(PartSchema).min(1).max(bundleLimits.parts),
  nvs: z.object({ partition: z.string().min(1).max(16) }).optional(),
  minimumRevision: RevisionSchema.optional(),
  maximumRevision: RevisionSchema.optional(),
})

/**
 * `manifest.json`: the form of ESP Web Tools, with what Millwright adds. Names that neither knows are left alone.
 * https://esphome.github.io/esp-web-tools/
 */
const ManifestSchema = z.object({
  name: LineSchema,
  version: LineSchema,
  kind: z.enum(['gateway', 'other']).default('other'),
  makesKeys: z.boolean().default(false),
  improv: z.boolean().default(false),
  simulated: z.boolean().default(false),
  builds: z.array(BuildSchema).min(1).max(bundleLimits.builds),
})
export type Manifest = z.infer<typeof ManifestSchema>
export type ManifestBuild = Manifest['builds'][number]

/** @throws ExpectedError `bundle_manifest_invalid`, which names the field */
export function parseManifest(bytes: Uint8Array): Manifest {
  const read = ManifestSchema.safeParse(parseJson(bytes))
  if (read.success) return read.data
  const issues = read.error.issues.slice(0, 5).map(({ path, message }) => `${fieldOf(path)}: ${message}`)
  throw new ExpectedError('bundle_manifest_invalid', { issues: issues.join('; ') })
}

/** `builds[0].parts[2].offset` */
function fieldOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file'
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
  return steps.join('').replace(/^\./, '')
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    const issues = error instanceof Error ? error.message : 'not JSON'
    throw new ExpectedError('bundle_manifest_invalid', { issues: issues.slice(0, 200) }, { cause: error })
  }
}
