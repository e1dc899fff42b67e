import type { TopicMessage } from '#contract/api/topics.ts'
import type { TapOwner, TappedMessage } from '#contract/model/tapped.ts'
import type { TenantScope } from '#features/access/index.ts'
import { payloadText } from './payload-text.ts'
import type { TopicEntry } from './topic-book.ts'
import { senderFor } from './topic-scope.ts'
import type { GatewayOf } from './topics-port.ts'

/** A message with its bytes, as other features take it. */
export interface CapturedMessage {
  topic: string
  /** ms since 1970; null: it was retained before anybody looked. */
  at: number | null
  qos: 0 | 1 | 2
  retain: boolean
  refusal: TappedMessage['refusal']
  owner: TapOwner
  sender: TappedMessage['sender'] | null
  /** The beginning. */
  payload: Uint8Array
  /** Bytes of the whole. */
  length: number
}

/** As somebody in this scope is shown it. */
export function messageView(scope: TenantScope, message: CapturedMessage, gateway: GatewayOf): TopicMessage {
  const { topic, at, qos, retain, refusal, sender, payload, length } = message
  const from = senderFor(scope, sender, gateway)
  return { topic, at, qos, retain, refusal, sender: from, ...payloadText(payload, length), length }
}

export function messageOf(entry: TopicEntry): CapturedMessage {
  const { topic, at, qos, retain, refusal, owner, sender, payload, length } = entry
  // What is listed as retained was.
  return {
    topic,
    at,
    qos,
    retain: retain || (at === null && entry.retained),
    refusal,
    owner,
    sender,
    payload,
    length,
  }
}
