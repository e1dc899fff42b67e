import * as z from 'zod'

/** `wide` has one column a channel, and takes this many channels at the most. */
export const MOST_WIDE_CHANNELS = 200
/** Channels of one long export. */
export const MOST_EXPORT_CHANNELS = 10_000

export const exportFunctions = ['avg', 'min', 'max', 'last', 'count'] as const
export type ExportFunction = (typeof exportFunctions)[number]

/** How a file of readings is laid out. */
export const ExportLayoutSchema = z.object({
  format: z.enum(['csv', 'parquet']).default('csv'),
  layout: z
    .enum(['long', 'wide'])
    .default('long')
    .describe('`long`: one line a reading. `wide`: one line a time, one column a channel'),
  interval: z
    .number()
    .int()
    .min(1_000)
    .max(366 * 86_400_000)
    .optional()
    .describe('Wide only: one line for each span of so many ms that holds readings, instead of each time'),
  functions: z
    .array(z.enum(exportFunctions))
    .min(1)
    .max(exportFunctions.length)
    .default(['avg'])
    .describe('Of an interval'),
  raw: z
    .boolean()
    .default(false)
    .describe('Leave text as it is, without the apostrophe that keeps spreadsheets from running it'),
})
export type ExportLayout = z.infer<typeof ExportLayoutSchema>

/** How a CSV of history is read. What is left out is found out from its first lines. */
export const ImportOptionsSchema = z.object({
  layout: z
    .enum(['long', 'wide'])
    .optional()
    .describe('`long`: gateway, channel, unit, time, value, quality'),
  separator: z.enum([',', ';', 'tab']).optional(),
  decimal: z.enum(['.', ',']).optional(),
  time: z.enum(['iso', 's', 'ms']).optional().describe('ISO 8601, or seconds or ms since 1970'),
  timeZone: z.string().max(64).optional().describe('IANA name, for times without a zone; UTC where left out'),
  raw: z.boolean().default(false).describe('Leave apostrophes before text as they are'),
})
export type ImportOptions = z.infer<typeof ImportOptionsSchema>

/** Bytes of an uploaded file. */
export const IMPORT_LIMIT = 2 * 1024 ** 3
/** Bytes of a part of an upload, before Base64. */
export const UPLOAD_PART = 512 * 1024

/** Why a row was not taken. */
export const rowProblems = [
  'columns',
  'time',
  'time_range',
  'gateway',
  'channel',
  'value',
  'not_finite',
  'kind',
  'text_too_long',
  'quality',
] as const
export type RowProblem = (typeof rowProblems)[number]

/** What an import found or did; the result of its job. */
export const ImportReportSchema = z.object({
  /** Whether readings were stored, or only looked at. */
  dryRun: z.boolean(),
  format: z.object({
    layout: z.enum(['long', 'wide']),
    separator: z.string(),
    decimal: z.string(),
    time: z.enum(['iso', 's', 'ms']),
    timeZone: z.string(),
  }),
  /** Lines of data. */
  rows: z.number(),
  /** Readings in them; a wide row has several. */
  readings: z.number(),
  /** Cells without a value. */
  empty: z.number(),
  /** Readings that were not taken. */
  refused: z.number(),
  from: z.number().nullable(),
  to: z.number().nullable(),
  channels: z.array(
    z.object({
      channel: z.string(),
      unit: z.string().nullable(),
      kind: z.enum(['number', 'integer', 'boolean', 'text']),
      isNew: z.boolean(),
      readings: z.number(),
    }),
  ),
  channelCount: z.number(),
  newChannels: z.number(),
  /** The first ones. */
  problems: z.array(
    z.object({
      line: z.number(),
      column: z.string().nullable(),
      problem: z.enum(rowProblems),
      text: z.string(),
    }),
  ),
  /** Once run: readings that were not there before; there with the same value; there with another one. */
  stored: z.number(),
  equal: z.number(),
  corrections: z.number(),
})
export type ImportReport = z.infer<typeof ImportReportSchema>
