import type { Identity, MqttClientIdentity, Reach } from '#broker/port.ts'

/** Whether an MQTT client of the same tenant may see this gateway. */
export function reachesGateway(
  { groupIds, ownerUserId }: Reach,
  gateway: Pick<Identity, 'groupPath' | 'ownerUserId'>,
): boolean {
  if (isWhole({ groupIds, ownerUserId })) return true
  if (ownerUserId !== null && gateway.ownerUserId === ownerUserId) return true
  return groupIds?.some((id) => gateway.groupPath.includes(id)) ?? false
}

/** Whether an MQTT client of the same tenant may see the own topics of another: all that this one sees, it must see too. */
export function reachesClient(reach: Reach, { reach: other }: Pick<MqttClientIdentity, 'reach'>): boolean {
  if (isWhole(reach)) return true
  if (isWhole(other)) return false
  const owner = other.ownerUserId === null || other.ownerUserId === reach.ownerUserId
  const groups = (other.groupIds ?? []).every((id) => reach.groupIds?.includes(id))
  const something = other.ownerUserId !== null || (other.groupIds ?? []).length > 0
  return owner && groups && something
}

function isWhole({ groupIds, ownerUserId }: Reach): boolean {
  return groupIds === null && ownerUserId === null
}
