import type { MqttClientRow } from './mqtt-clients.repository.ts'

/** What the broker must know of one MQTT client. The engine hands it on. */
export interface MqttClientPolicy {
  clientId: string
  username: string
  tenantId: string
  access: 'allowed' | 'suspended'
  password: { salt: string; hash: string } | null
  certificates: { fingerprint: string; state: 'active' | 'revoked' | 'superseded' }[]
  /** Both null: the whole tenant. */
  reach: ClientReach
  rights: 'read' | 'write' | 'both'
  topics: string[]
  prefix: string
}

export interface ClientReach {
  groupIds: string[] | null
  ownerUserId: string | null
}

export type MqttClientPolicyChange =
  | { op: 'put_client'; client: MqttClientPolicy }
  | { op: 'remove_client'; clientId: string }

/** Where changes of policy go: to the broker's snapshot. Resolves when live sessions agree with it. */
export interface MqttClientPolicySink {
  applyPolicy(changes: MqttClientPolicyChange[]): Promise<void>
}

/**
 * @param reach how far it goes; null: its owner has no rights in the tenant any more
 * @param now ms, for its end
 */
export function clientPolicyOf(
  row: MqttClientRow,
  certificates: MqttClientPolicy['certificates'],
  reach: ClientReach | null,
  now: number,
): MqttClientPolicy {
  const { id, username, tenantId, passwordSalt, passwordHash, rights, prefix } = row
  const isAllowed = clientStateOf(row, reach, now) === 'active'
  return {
    clientId: id,
    username,
    tenantId,
    access: isAllowed ? 'allowed' : 'suspended',
    password:
      passwordSalt === null || passwordHash === null ? null : { salt: passwordSalt, hash: passwordHash },
    certificates,
    reach: reach ?? { groupIds: [], ownerUserId: null },
    rights,
    topics: JSON.parse(row.topics) as string[],
    prefix,
  }
}

export function clientStateOf(
  row: Pick<MqttClientRow, 'state' | 'expiresAt' | 'tenantState' | 'ownerUserId' | 'ownerState'>,
  reach: ClientReach | null,
  now: number,
): 'active' | 'suspended' | 'expired' | 'cut_off' {
  if (row.state === 'suspended') return 'suspended'
  if (row.expiresAt !== null && row.expiresAt <= now) return 'expired'
  const isOwnerGone = row.ownerUserId !== null && (row.ownerState !== 'active' || reach === null)
  return row.tenantState !== 'active' || isOwnerGone ? 'cut_off' : 'active'
}
