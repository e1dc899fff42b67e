import type { Gateway } from '#broker/auth/gateway.ts'
import type { Policy } from '#broker/auth/policy.ts'
import { sharedTopics } from '#broker/dialects/dialects.ts'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { Identity, MqttClientIdentity, PolicyChange } from '#broker/port.ts'
import { removeRetained } from './gateway-names.ts'

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
  if (!policy.topics.isPrefix(prefix) || policy.topics.hasSpace(prefix)) return
  await persistence.retained.removeUnder(prefix, (topic) => policy.topics.ownerOf(topic) === null)
}

/**
 * What is left of those that were removed while the broker did not run: sessions, and retained messages, which whoever is
 * given the name next, of another tenant perhaps, would read. So is what a gateway left under an assignment before.
 */
export async function forgetUnknown(persistence: SqlitePersistence, policy: Policy): Promise<void> {
  const unknown = [...persistence.records()].filter((record) => !policy.findClient(record))
  for (const record of unknown) await persistence.forgetRecord(record)
  const moved = new Set<Gateway>()
  for (const [wireName, assignmentId] of persistence.assignments.all()) {
    const gateway = policy.findByWireName(wireName)
    if (gateway?.identity.assignmentId === assignmentId) continue
    await persistence.forget(wireName, [])
    persistence.assignments.forget(wireName)
    if (gateway) moved.add(gateway)
  }
  await persistence.retained.removeWhere((topic) => {
    const owner = policy.topics.ownerOf(topic)
    if (owner?.kind === 'gateway') return moved.has(owner.gateway)
    return owner === null && !sharedTopics.has(topic)
  })
  persistence.assignments.note(identitiesOf(policy))
}

/**
 * Removes what is kept of gateways that these changes give another assignment, or take theirs: commands that wait and retained
 * messages are those of the tenant that had it. Both are gone from the broker when this returns, and from the disk when it
 * resolves.
 */
export async function forgetAssignments(
  changes: PolicyChange[],
  persistence: SqlitePersistence,
  policy: Policy,
): Promise<void> {
  const moved = changes.flatMap((change) => {
    if (change.op !== 'put' && change.op !== 'remove') return []
    const known = policy.find(change.op === 'put' ? change.identity.gatewayId : change.gatewayId)
    const assignmentId = change.op === 'put' ? change.identity.assignmentId : null
    return known && known.identity.assignmentId !== assignmentId ? [known] : []
  })
  const removals = moved.flatMap(({ identity, rules }) => [
    persistence.outgoing.clear(identity.wireName),
    removeRetained(rules, persistence.retained),
  ])
  await Promise.all(removals)
}

/** Gateways as they were that these changes take from their assignment. */
export function leavingBy(changes: PolicyChange[], policy: Policy): Identity[] {
  return changes.flatMap((change) => {
    if (change.op !== 'put' && change.op !== 'remove') return []
    const known = policy.find(change.op === 'put' ? change.identity.gatewayId : change.gatewayId)?.identity
    const assignmentId = change.op === 'put' ? change.identity.assignmentId : null
    return known && known.assignmentId !== assignmentId ? [known] : []
  })
}

/** Removes what their sessions left, once these have ended, and notes whose what is kept from now on is. */
export async function forgetSessions(
  left: Identity[],
  changes: PolicyChange[],
  persistence: SqlitePersistence,
  policy: Policy,
): Promise<void> {
  for (const { wireName } of left) {
    await persistence.forget(wireName, [])
    if (!policy.findByWireName(wireName)) persistence.assignments.forget(wireName)
  }
  persistence.assignments.note(changes.flatMap((change) => (change.op === 'put' ? [change.identity] : [])))
}

function* identitiesOf(policy: Policy): Iterable<Identity> {
  for (const { identity } of policy.allGateways()) yield identity
}
