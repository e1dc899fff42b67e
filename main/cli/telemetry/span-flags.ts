import { given } from '../arguments.ts'

/** Which channels and when, as the commands of telemetry share it. */
export interface ChannelsFlags {
  gateway?: string
  tenant?: string
  channel?: string[]
  /** ms. */
  from?: number
  /** ms. */
  to?: number
  json?: boolean
}

export interface SpansFlags extends ChannelsFlags {
  buckets?: number
  interval?: string
}

/** Columns of a span, as `--function` names them. */
export const spanFunctions = ['count', 'min', 'avg', 'max', 'last', 'timeAverage', 'sum', 'first'] as const
export type SpanFunction = (typeof spanFunctions)[number]

/** What of the flags the API is asked with. */
export function askedOf({ gateway, tenant, channel, from, to }: ChannelsFlags) {
  return given({ gateway, tenant, from, to, channel: channel?.length === 1 ? channel[0] : channel })
}

/** Averages have more digits than anybody reads. */
export function shown(value: number | string | boolean | null | undefined): number | string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value
}
