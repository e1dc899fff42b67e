import type { GatewayState } from '#contract/model/gateway.ts'
import { wireName } from '#contract/model/ids.ts'

/** What the broker must know of one gateway. The engine hands it on. */
export interface GatewayPolicy {
  gatewayId: string
  tenantId: string
  /** Its group and those above it. */
  groupPath: string[]
  ownerUserId: string | null
  assignmentId: string
  wireName: string
  mac: string | null
  dialect: string
  access: 'allowed' | 'suspended' | 'revoked'
  certificates: { fingerprint: string; state: 'active' | 'revoked' | 'superseded' }[]
}

export type GatewayPolicyChange = { op: 'put'; identity: GatewayPolicy } | { op: 'remove'; gatewayId: string }

/** Where changes of policy go: to the broker's snapshot. Resolves when live sessions agree with it. */
export interface PolicySink {
  applyPolicy(changes: GatewayPolicyChange[]): Promise<void>
}

export function policyOf(
  gateway: {
    id: string
    tenantId: string
    ownerUserId: string | null
    assignmentId: string | null
    mac: string | null
    dialect: string
    state: GatewayState
  },
  certificates: GatewayPolicy['certificates'],
  groupPath: string[],
): GatewayPolicyChange {
  if (gateway.assignmentId === null) return { op: 'remove', gatewayId: gateway.id }
  const identity: GatewayPolicy = {
    gatewayId: gateway.id,
    tenantId: gateway.tenantId,
    groupPath,
    ownerUserId: gateway.ownerUserId,
    assignmentId: gateway.assignmentId,
    wireName: wireName(gateway),
    mac: gateway.mac,
    dialect: gateway.dialect,
    access: gateway.state === 'suspended' ? 'suspended' : gateway.state === 'revoked' ? 'revoked' : 'allowed',
    certificates,
  }
  return { op: 'put', identity }
}
