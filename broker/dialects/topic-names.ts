import type { GatewayAliases } from '#broker/port.ts'
import type { TopicName } from '#contract/model/dialect.ts'
import { isTopicLevel } from '#contract/model/topic-pattern.ts'

/** Who a topic is for: the names of a pattern are filled from it. */
export interface TopicOwner {
  gatewayId: string
  tenantId: string
  wireName: string
  mac: string | null
  label: string
  aliases: GatewayAliases
}

/**
 * What may stand for a name of a pattern, the one that a configuration uses first. All but `{wire}` count in any case: firmware
 * writes MACs and labels as it likes. Empty where the gateway has no such name, or one that can be no level of a topic.
 */
export function namesOf(
  name: TopicName,
  { gatewayId, tenantId, wireName, mac, label, aliases }: TopicOwner,
): string[] {
  return possible(name).filter(isTopicLevel)

  function possible(wanted: TopicName): string[] {
    switch (wanted) {
      case 'wire':
        return [wireName]
      case 'gateway':
        return [aliases.topic ?? wireName]
      case 'mac':
        return [aliases.topic ?? mac ?? wireName]
      case 'id':
        return [aliases.topic ?? gatewayId]
      case 'label':
        return [label]
      case 'device':
        return aliases.topic === null ? [label] : [aliases.topic, label]
      case 'tenant':
        return [aliases.tenant ?? tenantId]
      case 'user':
        return aliases.user === null ? [] : [aliases.user]
    }
  }
}
