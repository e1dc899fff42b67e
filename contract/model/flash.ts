import * as z from 'zod'
import { BoardInfoSchema, FlashedRegionSchema } from './board.ts'
import { IdSchema } from './ids.ts'

/** The steps of a board on its way to a gateway, in their order. */
export const flashSteps = [
  'connecting',
  'preparing',
  'erasing',
  'writing',
  'verifying',
  'booting',
  'waiting',
] as const
export type FlashStep = (typeof flashSteps)[number]

export const flashJobKinds = [
  /** The whole way: firmware, identity, first reading. */
  'gateway',
  'identify',
  'erase',
  /** The whole flash into a file, and back. */
  'backup',
  'restore',
  /** Any file at an offset. */
  'write',
  /** NVS alone: the same gateway, its settings anew. */
  'settings',
  /** Firmware alone: NVS stays. */
  'firmware',
] as const
export type FlashJobKind = (typeof flashJobKinds)[number]

/** `interrupted`: the site stopped before anything counted. `skipped`: a person passed the board over. */
export const flashJobStates = ['running', 'passed', 'failed', 'cancelled', 'skipped', 'interrupted'] as const
export type FlashJobState = (typeof flashJobStates)[number]

export const FlashJobSchema = z.object({
  id: IdSchema,
  /** Null for jobs outside a run. */
  runId: IdSchema.nullable(),
  kind: z.enum(flashJobKinds),
  /** As it was when the job began. */
  port: z.object({ path: z.string(), name: z.string(), identity: z.string(), isSimulated: z.boolean() }),
  state: z.enum(flashJobStates),
  /** Where it is, or where it ended. */
  step: z.enum(flashSteps),
  /** Of `step`; null where it has none. `done` and `total` in bytes. */
  progress: z
    .object({
      part: z.string(),
      done: z.number(),
      total: z.number(),
      rate: z.number().nullable(),
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  /** How often the board was reset to find it. */
  tries: z.number().int(),
  /** Counts from 1; a retry is the same job again. */
  attempt: z.number().int(),
  board: BoardInfoSchema.nullable(),
  /** What the board becomes, or is; `id` once it counts. */
  gateway: z
    .object({
      id: IdSchema.nullable(),
      code: z.string(),
      name: z.string(),
      label: z.string().nullable(),
      /** It was a gateway before. */
      again: z.boolean(),
    })
    .nullable(),
  /** The last words of the board on its way: `wifi connecting PLANT-IOT`. */
  boardSays: z.string().nullable(),
  firstReading: z
    .object({
      channel: z.string(),
      value: z.union([z.number(), z.boolean(), z.string()]),
      unit: z.string().nullable(),
      at: z.date(),
      /** Against what the run expects; null where it expects nothing. */
      check: z.enum(['passed', 'failed']).nullable(),
    })
    .nullable(),
  regions: z.array(FlashedRegionSchema),
  /** Of the certificate, lower-case hex. */
  serial: z.string().nullable(),
  labelled: z.boolean(),
  hasBirthRecord: z.boolean(),
  /** A backup that can be fetched. */
  file: z.object({ name: z.string(), bytes: z.number() }).nullable(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    })
    .nullable(),
  /** Flash and identity stand: a retry goes on from here instead of writing again. */
  committed: z.boolean(),
  startedBy: z.string(),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
})
export type FlashJob = z.infer<typeof FlashJobSchema>

/** What the first reading is held against. */
export const ReadingCheckSchema = z.object({
  channel: z.string().trim().min(1).max(128),
  least: z.number().nullable(),
  most: z.number().nullable(),
})
export type ReadingCheck = z.infer<typeof ReadingCheckSchema>

/** `GW{n:03}`: `{n}` is the number, `{n:03}` with at least three digits, `{mac}` its last six digits, `{label}`. */
export const NAMING_PATTERN = /^(?:[^{}]|\{n(?::0?\d)?\}|\{mac\}|\{label\})+$/

/** One line of a plan: which board becomes what. */
export const PlannedGatewaySchema = z.object({
  /** Left out: the next board that comes. */
  mac: z.string().max(40).optional(),
  code: z.string().trim().min(1).max(64),
  name: z.string().trim().max(200).optional(),
})
export type PlannedGateway = z.infer<typeof PlannedGatewaySchema>

export const PLAN_MOST = 5_000

export const BenchSetupSchema = z.object({
  bundleId: IdSchema,
  /** Id or name; null: none. */
  profile: z.string().trim().min(1).max(100).nullable().default(null),
  /** Id, or path of names; null: none. */
  group: z.string().trim().min(1).max(500).nullable().default(null),
  /** Null: no Wi-Fi settings are written (Ethernet, or kept as they are). */
  wifiId: IdSchema.nullable().default(null),
  codePattern: z.string().trim().min(1).max(64).regex(NAMING_PATTERN).default('GW{n:03}'),
  namePattern: z.string().trim().min(1).max(200).regex(NAMING_PATTERN).default('{label}'),
  /** The number of the next new gateway. Null: after the highest that the pattern has in the tenant. */
  firstNumber: z.number().int().min(0).max(999_999).nullable().default(null),
  /** How many boards are expected; null: as many as come. */
  expected: z.number().int().min(1).max(PLAN_MOST).nullable().default(null),
  check: ReadingCheckSchema.nullable().default(null),
  startByItself: z.boolean().default(true),
  eraseAll: z.boolean().default(false),
  labels: z
    .object({
      /** `none`: on request only. */
      as: z.enum(['none', 'pdf', 'zpl']),
      size: z.string().max(20),
      /** `host:port` of a label printer that takes ZPL; null: a file. */
      printer: z.string().max(255).nullable(),
    })
    .default({ as: 'none', size: 'roll-50x25', printer: null }),
  /** Baud. */
  speed: z
    .union([
      z.literal(115_200),
      z.literal(230_400),
      z.literal(460_800),
      z.literal(921_600),
      z.literal(1_500_000),
    ])
    .default(460_800),
  /** Boards at once; null: as many as there are ports. */
  atOnce: z.number().int().min(1).max(64).nullable().default(null),
  /** The key is made on the chip, where the firmware can. */
  keyOnChip: z.boolean().default(false),
  /** Seconds that a board has for its first contact, and then for its first reading. */
  contactWithin: z.number().int().min(10).max(900).default(90),
  plan: z.array(PlannedGatewaySchema).max(PLAN_MOST).default([]),
})
export type BenchSetup = z.infer<typeof BenchSetupSchema>

/** Many boards flashed with one set-up. */
export const BenchRunSchema = z.object({
  id: IdSchema,
  tenant: z.object({ id: IdSchema, name: z.string() }),
  /** `2026-11-21 A` */
  name: z.string(),
  setup: BenchSetupSchema,
  /** In names, for what is shown. */
  facts: z.object({
    bundle: z.string(),
    signature: z.string(),
    profile: z.string().nullable(),
    group: z.string().nullable(),
    wifi: z.string().nullable(),
  }),
  /** `stopping`: boards that run end, no new one begins. */
  state: z.enum(['open', 'stopping', 'ended']),
  /** What the next new board becomes. */
  next: z.object({ code: z.string(), name: z.string() }).nullable(),
  counts: z.object({
    passed: z.number().int(),
    failed: z.number().int(),
    running: z.number().int(),
    skipped: z.number().int(),
  }),
  /** Seconds until all expected are done, at the pace so far; null where that is not known. */
  secondsLeft: z.number().nullable(),
  startedBy: z.string(),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
})
export type BenchRun = z.infer<typeof BenchRunSchema>

/** A line of a job's log: what the bench did, or what the board said. */
export const FlashLogLineSchema = z.object({
  at: z.date(),
  from: z.enum(['bench', 'board']),
  text: z.string(),
})
export type FlashLogLine = z.infer<typeof FlashLogLineSchema>
