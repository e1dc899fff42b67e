import type { TopicKind } from '#contract/model/dialect.ts'
import type { CredentialKind } from '#contract/model/gateway.ts'
import type { Handover } from '#features/pki/index.ts'

export interface WireGateway {
  id: string
  mac: string | null
  label: string
  tenantId: string
  dialect: string
  credential: CredentialKind
  /** JSON by kind, as its row has them. */
  aliases: string
}

/** What a gateway's dialect gives it. */
export interface GatewayWiring {
  dialect: { name: string; title: string }
  topics: { direction: 'to_site' | 'to_gateway'; kind: TopicKind; topic: string; will: boolean }[]
  /** A first reading to try it with. */
  example: { topic: string; payload: string } | null
}

/** How gateways reach the broker, and the topics of a dialect: known to the engine, not to this feature. */
export interface BrokerDirectory {
  hosts(): string[]
  /** Of the listener that takes this kind of credential. */
  portFor(credential: CredentialKind): number
  siteName(): string
  clientIdOf(gateway: WireGateway): string
  topicsOf(gateway: WireGateway): Record<string, string>
  /** Null where its certificate says all. */
  usernameOf(gateway: WireGateway): string | null
  /** What the gateway sends at CONNECT beside or instead of its certificate. */
  signInOf(
    gateway: WireGateway,
    handover: Handover,
  ): { mqtt_username: string | null; mqtt_password: string | null }
  wiringOf(gateway: WireGateway): GatewayWiring
}
