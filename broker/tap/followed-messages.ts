import { TopicTrie } from '#broker/persistence/topic-trie.ts'
import type { FollowedMessage, TapBatch, TapFollow } from '#contract/model/tapped.ts'
import type { Noted } from './pending-topics.ts'
import { excerptOf, isFor, ownerOf, senderOf } from './whose.ts'

/** Messages of one batch for all who follow something. */
const MESSAGES = 1_000
const EXCERPT = 16 * 1024
const BATCH_BYTES = 2 * 1024 * 1024

interface Follow extends TapFollow {
  /** In this batch. */
  passed: number
  over: number
}

/** Messages that somebody looks at one by one. */
export class FollowedMessages {
  private follows = new Map<number, Follow>()
  private byFilter = new TopicTrie<Follow>()
  private messages: FollowedMessage[] = []
  private keptBytes = 0

  set(follows: TapFollow[]): void {
    const before = this.follows
    this.follows = new Map()
    this.byFilter = new TopicTrie()
    for (const follow of follows) {
      const { passed = 0, over = 0 } = before.get(follow.id) ?? {}
      const entry = { ...follow, passed, over }
      this.follows.set(follow.id, entry)
      this.byFilter.set(follow.filter, String(follow.id), entry)
    }
  }

  get isEmpty(): boolean {
    return this.messages.length === 0
  }

  offer(noted: Noted): void {
    if (this.follows.size === 0 || noted.sender === 'unknown') return
    const ids: number[] = []
    const hasRoom = this.messages.length < MESSAGES && this.keptBytes < BATCH_BYTES
    for (const follow of this.byFilter.match(noted.topic)) {
      if (!isFor(follow, noted.whose)) continue
      if (hasRoom && follow.passed < follow.most) {
        follow.passed += 1
        ids.push(follow.id)
      } else follow.over += 1
    }
    if (ids.length === 0) return
    const { topic, at, qos, retain, refusal, whose, sender } = noted
    const payload = excerptOf(noted.payload, EXCERPT)
    this.keptBytes += payload.length
    const length = typeof noted.payload === 'string' ? Buffer.byteLength(noted.payload) : noted.payload.length
    const rest = { owner: ownerOf(whose), sender: senderOf(sender), payload, length, follows: ids }
    this.messages.push({ topic, at, qos, retain, refusal, ...rest })
  }

  take(): Pick<TapBatch, 'followed' | 'passedOver'> {
    const followed = this.messages
    const passedOver: TapBatch['passedOver'] = []
    for (const follow of this.follows.values()) {
      if (follow.over > 0) passedOver.push({ id: follow.id, messages: follow.over })
      follow.passed = 0
      follow.over = 0
    }
    this.messages = []
    this.keptBytes = 0
    return { followed, passedOver }
  }
}
