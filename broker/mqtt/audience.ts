import type { Policy } from '#broker/auth/policy.ts'
import type { Subscriptions } from '#broker/persistence/subscriptions.ts'
import { TopicTrie } from '#broker/persistence/topic-trie.ts'
import type { Session } from '#broker/sessions/session.ts'

const REMEMBERED = 100_000

/**
 * Whether anybody would receive a message: most telemetry has no reader beside the historian, and is then not routed at
 * all. Answers are remembered by topic until somebody subscribes or rights change.
 */
export class Audience {
  private readonly policy: Policy
  private readonly kept: Pick<Subscriptions, 'version' | 'forTopic'>
  private readonly live = new TopicTrie<Session>()
  private readonly answers = new Map<string, boolean>()
  private changes = 0
  /** What the answers were found for. */
  private answersOf = ''

  constructor(policy: Policy, kept: Pick<Subscriptions, 'version' | 'forTopic'>) {
    this.policy = policy
    this.kept = kept
  }

  subscribed(session: Session, filter: string): void {
    this.changes += 1
    this.live.set(filter, session.id, session)
  }

  unsubscribed(session: Session, filters: Iterable<string>): void {
    this.changes += 1
    for (const filter of filters) this.live.delete(filter, session.id)
  }

  hasReaders(topic: string): boolean {
    if (this.live.size === 0 && this.kept.forTopic(topic).length === 0) return false
    const state = `${this.changes} ${this.policy.version} ${this.kept.version}`
    if (state !== this.answersOf || this.answers.size >= REMEMBERED) {
      this.answers.clear()
      this.answersOf = state
    }
    const known = this.answers.get(topic)
    if (known !== undefined) return known
    const found = this.find(topic)
    this.answers.set(topic, found)
    return found
  }

  private find(topic: string): boolean {
    if (this.live.match(topic).some((session) => session.mayReceive(topic))) return true
    return this.kept.forTopic(topic).some(({ clientId }) => {
      const peer = this.policy.findBySessionId(String(clientId))
      return peer?.kind === 'client' ? peer.mayRead(topic) : peer?.receiving(topic) !== undefined
    })
  }
}
