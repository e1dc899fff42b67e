import type { Peer } from '#broker/auth/policy.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import type { TappedMessage } from '#contract/model/tapped.ts'
import { excerptOf, ownerOfPeer, senderOf } from './whose.ts'

const SENDERS = 64
const OF_ONE = 8
const EXCERPT = 4_096
const TOPIC = 512

type Kept = Pick<TappedMessage, 'topic' | 'at' | 'qos' | 'retain' | 'payload' | 'length'> & {
  refusal: RefusalReason
}

/**
 * The newest messages that were refused, also while nobody looks: who finds out later why a box stays dark, or writes a
 * dialect for it, sees what it sent. A sender keeps so many; one that sends without end drives no other out.
 */
export class RefusedMessages {
  private readonly bySender = new Map<Peer, Kept[]>()

  add(
    peer: Peer,
    refusal: RefusalReason,
    message: Omit<Kept, 'refusal' | 'length' | 'payload'> & { payload: Buffer },
  ): void {
    const kept = this.bySender.get(peer) ?? []
    const { topic, payload, at, qos, retain } = message
    kept.push({
      topic: topic.slice(0, TOPIC),
      at,
      qos,
      retain,
      refusal,
      payload: excerptOf(payload, EXCERPT),
      length: payload.length,
    })
    if (kept.length > OF_ONE) kept.shift()
    // The one that was refused last stands last.
    this.bySender.delete(peer)
    this.bySender.set(peer, kept)
    if (this.bySender.size <= SENDERS) return
    const [oldest] = this.bySender.keys()
    if (oldest) this.bySender.delete(oldest)
  }

  forget(peer: Peer): void {
    this.bySender.delete(peer)
  }

  /** The oldest first. */
  all(): TappedMessage[] {
    return [...this.bySender]
      .flatMap(([peer, kept]) =>
        kept.map((message) => ({ ...message, owner: ownerOfPeer(peer), sender: senderOf(peer) })),
      )
      .toSorted((a, b) => a.at - b.at)
  }
}
