import type { MqttClient } from '#contract/api/mqtt-clients.ts'
import type { ClientStanding } from './client-policies.ts'
import { clientStateOf } from './client-policy.ts'
import type { MqttClientRow } from './mqtt-clients.repository.ts'

/** As the contract gives it. */
export function clientView(row: MqttClientRow, standing: ClientStanding, now: number): MqttClient {
  const { id, name, username, tenantId, tenantSlug, tenantName, groupId, ownerUserId, prefix } = row
  const date = (ms: number | null) => (ms === null ? null : new Date(ms))
  return {
    id,
    name,
    username,
    tenant: { id: tenantId, slug: tenantSlug, name: tenantName },
    group: groupId === null ? null : { id: groupId, name: row.groupName ?? '' },
    owner: ownerUserId === null ? null : { id: ownerUserId, name: row.ownerName ?? '' },
    rights: standing?.rights ?? row.rights,
    topics: JSON.parse(row.topics) as string[],
    prefix,
    hasPassword: row.passwordHash !== null,
    passwordSetAt: date(row.passwordSetAt),
    certificate:
      row.serial === null || row.fingerprint === null || row.notAfter === null
        ? null
        : { serial: row.serial, fingerprint: row.fingerprint, notAfter: new Date(row.notAfter) },
    state: clientStateOf(row, standing?.reach ?? null, now),
    createdAt: new Date(row.createdAt),
    expiresAt: date(row.expiresAt),
    lastConnectedAt: date(row.lastConnectedAt),
    lastAddress: row.lastAddress,
  }
}
