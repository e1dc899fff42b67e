import type { TopicMessage, TopicsFollowed } from '#contract/api/topics.ts'
import type { FollowedMessage } from '#contract/model/tapped.ts'
import type { TenantScope } from '#features/access/index.ts'
import { type CapturedMessage, messageView } from './message-view.ts'
import { seesTopic } from './topic-scope.ts'
import type { GatewayOf } from './topics-port.ts'

/** Messages that wait for one receiver; beyond, the oldest are only counted. */
const KEPT = 500

/** Messages for one receiver, between two sends. */
export class MessageFollow {
  readonly #scope: TenantScope
  readonly #gateway: GatewayOf
  #messages: TopicMessage[] = []
  #notShown = 0

  constructor(scope: TenantScope, gateway: GatewayOf) {
    this.#scope = scope
    this.#gateway = gateway
  }

  add(message: CapturedMessage | FollowedMessage): void {
    if (!seesTopic(this.#scope, message.owner, this.#gateway)) return
    this.#messages.push(messageView(this.#scope, message, this.#gateway))
    if (this.#messages.length <= KEPT) return
    this.#messages.shift()
    this.#notShown += 1
  }

  /** What was known before comes first, but for what has been heard meanwhile. */
  precede(known: readonly (CapturedMessage | FollowedMessage)[]): void {
    const heard = new Set(this.#messages.map(keyOf))
    const before = known
      .filter(({ owner }) => seesTopic(this.#scope, owner, this.#gateway))
      .map((message) => messageView(this.#scope, message, this.#gateway))
      .filter((message) => !heard.has(keyOf(message)))
    const all = [...before, ...this.#messages]
    this.#messages = all.slice(-KEPT)
    this.#notShown += all.length - this.#messages.length
  }

  passedOver(messages: number): void {
    this.#notShown += messages
  }

  /** Null where nothing came. */
  take(): Pick<TopicsFollowed, 'messages' | 'notShown'> | null {
    if (this.#messages.length === 0 && this.#notShown === 0) return null
    const taken = { messages: this.#messages, notShown: this.#notShown }
    this.#messages = []
    this.#notShown = 0
    return taken
  }
}

function keyOf({ topic, at }: TopicMessage): string {
  return `${Number(at)} ${topic}`
}
