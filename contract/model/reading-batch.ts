import type { ValueKind } from './reading.ts'

/**
 * Readings on their way between threads: plain columns in one transferred Float64Array, for an object a row
 * costs sixty times as much. Row r stands at `rows[r * ROW_WIDTH]`:
 *
 *   0 series   the sender's handle (ingest) or the historian's series id (committed)
 *   1 ts       ms since 1970 UTC
 *   2 value    the number; 0 or 1 for booleans; an index into `texts` for text
 *   3 flags    quality bits + kind * KIND_SHIFT
 */
export const ROW_WIDTH = 4
export const KIND_SHIFT = 256
const kindCodes: Record<ValueKind, number> = { number: 0, integer: 1, boolean: 2, text: 3 }
const kinds: readonly ValueKind[] = ['number', 'integer', 'boolean', 'text']

export function packFlags(kind: ValueKind, quality: number): number {
  return kindCodes[kind] * KIND_SHIFT + quality
}

export function kindOf(flags: number): ValueKind {
  return kinds[Math.floor(flags / KIND_SHIFT)] ?? 'number'
}

export function qualityOf(flags: number): number {
  return flags % KIND_SHIFT
}

/** A time series that the sender names for the first time on this port; later rows use `handle` alone. */
export interface SeriesIntroduction {
  handle: number
  assignmentId: string
  /** Channel key as the gateway names it, such as `meter1/energy`. */
  channel: string
  kind: ValueKind
  /** Where the dialect carries one. */
  unit: string | null
}

/**
 * Rows `start` to `end` (exclusive) came in one QoS 1 message without usable times. If the same message was
 * committed before, they are a redelivery: acknowledged and dropped.
 */
export interface UndatedMessage {
  gatewayId: string
  packetId: number
  /** SHA-256 of the payload, first 16 hex digits. */
  payloadHash: string
  /**
   * The DUP flag of the packet [MQTT-3.3.1-1]. `false`: the sender says that it is new, so it is never dropped,
   * even with the id and bytes of the one before (a gateway that restarts begins again at id 1 and may well
   * measure the same). Left out: not known.
   */
  duplicate?: boolean
  start: number
  end: number
}

/** Broker to historian. Answered by one `IngestReply` with the same id, in order. */
export interface ReadingBatch {
  id: number
  rows: Float64Array<ArrayBuffer>
  texts: string[]
  introductions: SeriesIntroduction[]
  undated: UndatedMessage[]
}

/** `committed`: every row (but dropped redeliveries) is on disk. `failed`: none is, and the sender may retry. */
export type IngestReply =
  | { id: number; committed: true }
  | { id: number; committed: false; code: 'disk_full' | 'store_failed'; cause: string }

/** A series as the historian knows it. */
export interface SeriesInfo {
  seriesId: number
  assignmentId: string
  channel: string
  kind: ValueKind
  unit: string | null
}

/** Historian to engine, after each commit: what is now on disk, in order of `seq`. */
export interface CommittedBatch {
  /** The ingest sequence of the first row; the rows follow one by one. */
  firstSeq: number
  /** As above, with series ids. */
  rows: Float64Array<ArrayBuffer>
  texts: string[]
  newSeries: SeriesInfo[]
}
