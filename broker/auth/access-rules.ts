import type { ToGateway, ToSite } from '#broker/dialects/dialect.ts'
import { dialectOf, type TopicOwner, topicOf } from '#broker/dialects/dialects.ts'

/**
 * What one gateway may publish and receive: its dialect's topics with its own names filled in, and nothing else.
 * Everything that is not listed is denied, `$SYS` and wildcards among it.
 */
export class AccessRules {
  private readonly toSite = new Map<string, ToSite>()
  private readonly toGateway = new Map<string, ToGateway>()
  /** Every topic with a name of the gateway in it; not those that all share, such as the time. */
  readonly ownTopics: string[] = []

  constructor(dialect: string, owner: TopicOwner) {
    for (const rule of dialectOf(dialect).topics) {
      const topic = topicOf(rule, owner)
      if (rule.direction === 'to_site') this.toSite.set(topic, rule)
      else this.toGateway.set(topic, rule)
      if (topic !== rule.pattern) this.ownTopics.push(topic)
    }
  }

  /** The rule by which the gateway may publish to this topic. */
  publishing(topic: string): ToSite | undefined {
    return this.toSite.get(topic)
  }

  allowsWill(topic: string): boolean {
    return this.toSite.get(topic)?.will === true
  }

  /** The rule by which the gateway may subscribe to this filter, or be sent a message with this topic. */
  receiving(filter: string): ToGateway | undefined {
    return this.toGateway.get(filter)
  }
}
