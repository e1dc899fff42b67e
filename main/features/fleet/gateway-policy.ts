import type { GatewayState } from '#contract/model/gateway.ts'
import { wireName } from '#contract/model/ids.ts'
import type { CredentialKind } from '#platform/db/enrollment-schema.ts'
import { aliasesOf, type GatewayAliases } from './gateway-aliases.ts'

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
  label: string
  dialect: string
  aliases: GatewayAliases
  credential: CredentialKind
  /** Those that count. */
  secrets: { id: string; salt: string; hash: string }[]
  /** It has still to acknowledge its binding. */
  awaitsBind: boolean
  /** As its profile says; null: as its tenant or its dialect says. */
  rate: { perSecond: number; burst: number } | null
  access: 'allowed' | 'suspended' | 'revoked'
  /** `probe`: the site plays the gateway with it. */
  certificates: { fingerprint: string; state: 'active' | 'revoked' | 'superseded'; probe?: true }[]
}

/** What a gateway may authenticate with, whatever its kind says. */
export interface GatewayCredentials {
  certificates: GatewayPolicy['certificates']
  secrets: GatewayPolicy['secrets']
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
    label: string
    dialect: string
    credential: CredentialKind
    bindState: 'pending' | 'bound' | null
    state: GatewayState
    aliases: string
    profileMessagesPerSecond: number | null
    profileBurst: number | null
  },
  { certificates, secrets }: GatewayCredentials,
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
    label: gateway.label,
    dialect: gateway.dialect,
    aliases: aliasesOf(gateway),
    credential: gateway.credential,
    secrets,
    awaitsBind: gateway.bindState === 'pending',
    rate: rateOf(gateway),
    access: gateway.state === 'suspended' ? 'suspended' : gateway.state === 'revoked' ? 'revoked' : 'allowed',
    certificates,
  }
  return { op: 'put', identity }
}

/** Seconds of the sustained rate that may come at once, where no burst was chosen. */
const BURST_SECONDS = 5

function rateOf(profile: { profileMessagesPerSecond: number | null; profileBurst: number | null }) {
  const { profileMessagesPerSecond: perSecond, profileBurst } = profile
  if (perSecond === null) return null
  return { perSecond, burst: Math.max(1, profileBurst ?? perSecond * BURST_SECONDS) }
}
