import type { MqttRights } from '#contract/api/mqtt-clients.ts'
import type { MqttClientRow } from './mqtt-clients.repository.ts'

export interface MqttClientChanges {
  name?: string | undefined
  rights?: MqttRights | undefined
  topics?: string[] | undefined
  group?: string | null | undefined
  expiresAt?: Date | null | undefined
}

/** Only what is said is written. */
export function givenFields(
  { name, rights, topics, expiresAt }: MqttClientChanges,
  groupId: string | null | undefined,
) {
  return {
    ...(name !== undefined && { name }),
    ...(rights !== undefined && { rights }),
    ...(topics !== undefined && { topics }),
    ...(groupId !== undefined && { groupId }),
    ...(expiresAt !== undefined && { expiresAt: expiresAt?.getTime() ?? null }),
  }
}

export function fieldsOf({ name, rights, topics, groupId, expiresAt }: MqttClientRow) {
  return { name, rights, topics: JSON.parse(topics) as string[], groupId, expiresAt }
}
