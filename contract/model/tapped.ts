import type { RefusalReason } from './refusal.ts'

/** How far an MQTT client, or a person, reaches within a tenant: both null for all of it. */
export interface TapReach {
  groupIds: string[] | null
  ownerUserId: string | null
}

/** What people look at now; the broker copies nothing else. */
export interface TapOptions {
  /** Only what is of these tenants; null: of all. */
  tenants: string[] | null
  /** Filters whose messages are passed on one by one. */
  follows: TapFollow[]
}

export interface TapFollow {
  id: number
  /** A topic filter, or a topic. */
  filter: string
  /** Whose messages: null for all tenants. */
  tenantId: string | null
  reach: TapReach
  /** Messages passed on in each batch; the rest is counted. */
  most: number
}

/** Whose a topic is; of a refused message, who sent it. */
export type TapOwner =
  | { kind: 'gateway'; tenantId: string; gatewayId: string }
  /** Own space of MQTT clients: how far each of them reaches. */
  | { kind: 'space'; tenantId: string; reaches: TapReach[] }
  /** A topic that all share, such as the time. */
  | { kind: 'shared' }

export type TapSender =
  | { kind: 'gateway'; id: string }
  | { kind: 'client'; id: string; username: string; tenantId: string; reach: TapReach }
  | { kind: 'site' }

/** Numbers that stand for one topic in `TapBatch.rows`. */
export const TAP_WIDTH = 10
/**
 * `count`, `bytes`: since the batch before (0: a retained message that was there before). The rest is of the newest message:
 * `at` ms since 1970, 0 where not known; `flags`; indices of `owners` and `senders` (-1: not known); where its excerpt
 * lies in `payloads`, and how long the whole is; the reason of a refusal in `refusalReasons`, counted from 1.
 */
export const TapColumn = {
  count: 0,
  bytes: 1,
  at: 2,
  flags: 3,
  owner: 4,
  sender: 5,
  offset: 6,
  kept: 7,
  length: 8,
  refusal: 9,
} as const

/** Bits 0 and 1 are the QoS. */
export const TapFlag = {
  /** Was sent with the retain flag. */
  retain: 4,
  /** The topic holds a retained message now. */
  retained: 8,
  /** It holds none any more. */
  cleared: 16,
} as const

/** What was published in a quarter of a second, by topic. */
export interface TapBatch {
  at: number
  owners: TapOwner[]
  senders: TapSender[]
  topics: string[]
  /** `TAP_WIDTH` numbers a topic. A refused message has a row of its own beside that of its topic. */
  rows: Float64Array<ArrayBuffer>
  payloads: Uint8Array<ArrayBuffer>
  followed: FollowedMessage[]
  /** Messages of follows that had no room. */
  passedOver: { id: number; messages: number }[]
  /** Messages that had no room in `rows`. */
  missed: { tenantId: string | null; messages: number }[]
  /** Topics whose retained message was removed, other than by a message. */
  cleared: string[]
}

/** A message by itself. */
export interface TappedMessage {
  topic: string
  at: number
  qos: 0 | 1 | 2
  retain: boolean
  refusal: RefusalReason | null
  owner: TapOwner
  sender: TapSender
  /** The beginning. */
  payload: Uint8Array<ArrayBuffer>
  /** Bytes of the whole. */
  length: number
}

export interface FollowedMessage extends TappedMessage {
  /** The follows that it is for. */
  follows: number[]
}

/** Whether the site may publish to a topic for a person, and for whom it is. */
export type TopicUse =
  | {
      kind: 'gateway'
      tenantId: string
      gatewayId: string
      /** What the gateway receives there; null: nothing. */
      receives: 'commands' | 'twin_desired' | 'ota' | 'time' | null
      /** There is room for another retained message, or one is there already. */
      mayRetain: boolean
    }
  | { kind: 'space'; tenantId: string; reaches: TapReach[]; mayRetain: boolean }
