import type { ValueKind } from '#contract/model/reading.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'

/** One value as the payload names it. `ts` in ms since 1970 as sent; null where the payload carries none. */
export interface DecodedReading {
  channel: string
  kind: ValueKind
  value: number | boolean | string
  ts: number | null
  unit: string | null
  /** The payload's whole number has no double of its own: `value` is the nearest one. */
  rounded?: true
}

/** A message is taken whole or refused whole: half of it would be a loss that nobody sees. */
export type Decoded =
  | { ok: true; readings: DecodedReading[] }
  | { ok: false; reason: RefusalReason; detail: string }

export interface CodecLimits {
  valuesPerMessage: number
  textBytes: number
}

/** What the topic says: `{n}` of its pattern by name. */
export type Fields = Readonly<Record<string, string>>

/** Payload text to readings. Pure; never throws on what a gateway sends. */
export type Codec = (text: string, limits: CodecLimits, fields: Fields) => Decoded
