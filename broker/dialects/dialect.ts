import type { GatewayMessageKind } from '#broker/port.ts'
import type { CodecName } from './codec.ts'

/** What a topic is for. */
export type TopicKind = 'telemetry' | GatewayMessageKind | 'commands' | 'twin_desired' | 'ota' | 'time'

/** How a client id may name its gateway. */
export type ClientIdForm = 'wireName' | 'mac'

/**
 * One topic of a dialect. Levels in braces stand for what is known of the gateway: `{gateway}` its wire name,
 * `{mac}` its MAC with colons (its wire name where it has none). Rights and decoding both follow from these rows.
 */
export type TopicRule = ToSite | ToGateway

export interface ToSite {
  direction: 'to_site'
  pattern: string
  kind: 'telemetry' | GatewayMessageKind
  /** How the payload becomes readings; telemetry only. */
  codec?: CodecName
  /** May be the topic of a last will. */
  will?: true
}

export interface ToGateway {
  direction: 'to_gateway'
  pattern: string
  kind: 'commands' | 'twin_desired' | 'ota' | 'time'
}

/** A topic layout and payload codec that a gateway speaks. */
export interface Dialect {
  name: string
  clientIds: readonly ClientIdForm[]
  topics: readonly TopicRule[]
}
