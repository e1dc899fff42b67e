import * as z from 'zod'
import { IdSchema } from './ids.ts'

/** Bytes of the file. */
export const GATEWAY_IMPORT_LIMIT = 5 * 1024 * 1024
/** Rows of the file, without its header. */
export const GATEWAY_IMPORT_ROWS = 10_000

export const GatewayImportOptionsSchema = z.object({
  tenant: z.string().max(64).optional().describe('Id or slug; may be left out where there is one tenant'),
  group: z.string().trim().min(1).max(1_000).optional().describe('For rows that name none: id, or path'),
  profile: z.string().trim().min(1).max(100).optional().describe('For rows that name none: id or name'),
  createGroups: z.boolean().default(false).describe('Make groups that rows name and that are not there yet'),
})
export type GatewayImportOptions = z.infer<typeof GatewayImportOptionsSchema>

/** Why a row is not taken: a code of the registry, its data, and the English sentence of both. */
const ProblemSchema = z.object({
  code: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  message: z.string(),
})
export type GatewayImportProblem = z.infer<typeof ProblemSchema>

const RowSchema = z.object({
  /** Of the file, counted from 1. */
  line: z.number().int(),
  mac: z.string().nullable(),
  code: z.string(),
  name: z.string(),
  group: z.string().nullable(),
  profile: z.string().nullable(),
})

/** `same`: it is there already and stays as it is. `again`: it was revoked or nobody's, and gets a new credential. */
export const rowVerdicts = ['new', 'again', 'same', 'problem'] as const
export type RowVerdict = (typeof rowVerdicts)[number]

export const CheckedRowSchema = RowSchema.extend({
  verdict: z.enum(rowVerdicts),
  problem: ProblemSchema.nullable(),
})
export type CheckedRow = z.infer<typeof CheckedRowSchema>

export const GatewayImportCheckSchema = z.object({
  fileName: z.string(),
  encoding: z.string(),
  separator: z.string(),
  header: z.boolean(),
  /** Columns of the file that mean nothing here. */
  ignoredColumns: z.array(z.string()),
  /** Groups that would be made. */
  newGroups: z.array(z.string()),
  counts: z.record(z.enum(rowVerdicts), z.number().int()),
  rows: z.array(CheckedRowSchema),
})
export type GatewayImportCheck = z.infer<typeof GatewayImportCheckSchema>

export const rowOutcomes = ['created', 'again', 'same', 'failed'] as const
export type RowOutcome = (typeof rowOutcomes)[number]

export const ImportedRowSchema = RowSchema.extend({
  /** Null: not done yet, or not any more, for the job was cancelled. */
  outcome: z.enum(rowOutcomes).nullable(),
  problem: ProblemSchema.nullable(),
  gatewayId: IdSchema.nullable(),
  label: z.string().nullable(),
  /** Its private key or secret waits to be fetched. */
  credentialWaiting: z.boolean(),
})
export type ImportedRow = z.infer<typeof ImportedRowSchema>

/** Result of the job, in short. */
export const GatewayImportResultSchema = z.object({
  created: z.number().int(),
  again: z.number().int(),
  same: z.number().int(),
  failed: z.number().int(),
})
export type GatewayImportResult = z.infer<typeof GatewayImportResultSchema>
