import type { ErrorData } from '#contract/errors.ts'
import { kindOf } from '#contract/model/reading-batch.ts'
import { filtered, type SeriesReadings } from './series-readings.ts'

/** Why a reading is not sent: a code of `contract/error-codes/cloud.ts`, and its data. */
export interface Refusal {
  code:
    | 'cloud_text_nul'
    | 'cloud_text_surrogate'
    | 'cloud_time_out_of_range'
    | 'cloud_value_not_a_number'
    | 'cloud_channel_gone'
    | 'cloud_refused'
  data: ErrorData
}

export interface RefusedReading {
  seriesId: number
  ts: number
  seq: number
  flags: number
  value: number | string
  refusal: Refusal
}

/** 4714-11-24 BC, the first day that Postgres stores (8.5, Date/Time Types); its last one is beyond what a reading can have. */
export const EARLIEST = -210_866_803_200_000

/** Takes out what Postgres cannot store, so that the rest goes on. */
export function sendable(readings: SeriesReadings, refused: RefusedReading[]): SeriesReadings {
  return filtered(readings, (row) => {
    const ts = readings.ts[row] as number
    const flags = readings.flags[row] as number
    const isText = kindOf(flags) === 'text'
    const number = readings.values[row] as number
    const value = isText ? (readings.texts[number] ?? '') : number
    const refusal = timeRefusal(ts) ?? valueRefusal(value)
    if (refusal === null) return true
    const seq = readings.seqs[row] as number
    refused.push({ seriesId: readings.seriesId, ts, seq, flags, value, refusal })
    return false
  })
}

function timeRefusal(ts: number): Refusal | null {
  if (Number.isSafeInteger(ts) && ts >= EARLIEST) return null
  return { code: 'cloud_time_out_of_range', data: { ts } }
}

/** Null: Postgres can store it. */
export function valueRefusal(value: number | boolean | string): Refusal | null {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? null : { code: 'cloud_value_not_a_number', data: { channel: '' } }
  }
  if (typeof value === 'boolean') return null
  if (value.includes('\0')) return { code: 'cloud_text_nul', data: { field: 'value' } }
  if (!value.isWellFormed()) return { code: 'cloud_text_surrogate', data: { field: 'value' } }
  return null
}
