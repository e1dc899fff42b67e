import type { Policy } from '#broker/auth/policy.ts'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { BrokerLimits } from '#broker/port.ts'
import type { TopicUse } from '#contract/model/tapped.ts'

/** For whom a message to this topic is; null where the topic is nobody's. */
export function topicUse(
  topic: string,
  policy: Policy,
  { persistence, limits }: { persistence: Pick<SqlitePersistence, 'retained'>; limits: BrokerLimits },
): TopicUse | null {
  const owner = policy.topics.ownerOf(topic)
  if (owner === null) return null
  const { retained } = persistence
  const hasRoom = retained.has(topic) || retained.count < limits.retainedMessages
  if (owner.kind === 'gateway') {
    const { gateway } = owner
    const { tenantId, gatewayId } = gateway.identity
    const receives = gateway.rules.receiving(topic)?.kind ?? null
    return { kind: 'gateway', tenantId, gatewayId, receives, mayRetain: hasRoom }
  }
  const { tenantId, clients } = owner
  if (tenantId === null) return null
  const [client] = clients.values()
  const own = client === undefined ? 0 : retained.countUnder(client.prefix)
  const mayRetain = hasRoom && (retained.has(topic) || own < limits.retainedPerClient)
  return { kind: 'space', tenantId, reaches: Array.from(clients.values(), ({ reach }) => reach), mayRetain }
}
