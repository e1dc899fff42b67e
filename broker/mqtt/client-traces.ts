import type { Policy } from '#broker/auth/policy.ts'
import { isPrefix } from '#broker/auth/topic-index.ts'
import { sharedTopics } from '#broker/dialects/dialects.ts'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { MqttClientIdentity, PolicyChange } from '#broker/port.ts'

/** What is known of the MQTT clients that these changes are about, before they are applied. */
export function clientsOf(changes: PolicyChange[], policy: Policy): MqttClientIdentity[] {
  return changes.flatMap((change) => {
    const id =
      change.op === 'put_client'
        ? change.client.clientId
        : change.op === 'remove_client'
          ? change.clientId
          : null
    const known = id === null ? undefined : policy.findClient(id)
    return known ? [known.identity] : []
  })
}

/** Removes what is kept for a client that was removed, and the retained messages of a topic space that is nobody's now. */
export async function forgetLeftBehind(
  { clientId, prefix }: MqttClientIdentity,
  persistence: SqlitePersistence,
  policy: Policy,
): Promise<void> {
  if (!policy.findClient(clientId)) await persistence.forgetRecord(clientId)
  if (!isPrefix(prefix) || policy.topics.hasSpace(prefix)) return
  await persistence.retained.removeUnder(prefix, (topic) => policy.topics.ownerOf(topic) === null)
}

/**
 * What is left of those that were removed while the broker did not run: sessions of clients, and retained messages, which
 * whoever is given the name next, of another tenant perhaps, would read.
 */
export async function forgetUnknown(persistence: SqlitePersistence, policy: Policy): Promise<void> {
  const unknown = [...persistence.records()].filter((record) => !policy.findClient(record))
  for (const record of unknown) await persistence.forgetRecord(record)
  await persistence.retained.removeWhere(
    (topic) => !sharedTopics.has(topic) && policy.topics.ownerOf(topic) === null,
  )
}

/**
 * Removes what is kept of gateways that these changes give another assignment: commands that wait and retained messages
 * are those of the tenant that had it. Both are gone from the broker when this returns, and from the disk when it resolves.
 */
export async function forgetAssignments(
  changes: PolicyChange[],
  persistence: SqlitePersistence,
  policy: Policy,
): Promise<void> {
  const moved = changes.flatMap((change) => {
    const known = change.op === 'put' ? policy.find(change.identity.gatewayId) : undefined
    const isMoved = change.op === 'put' && known?.identity.assignmentId !== change.identity.assignmentId
    return known && isMoved ? [known] : []
  })
  const removals = moved.flatMap(({ identity, rules }) => [
    persistence.outgoing.clear(identity.wireName),
    persistence.retained.remove(rules.ownTopics),
  ])
  await Promise.all(removals)
}
