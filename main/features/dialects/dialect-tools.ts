import type { TriedMessage } from '#contract/api/dialects.ts'
import type { DialectDefinition, TopicKind } from '#contract/model/dialect.ts'
import type { GatewayAliases } from '#features/fleet/index.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'

/** A gateway as its topics need it. */
export interface PlayedGateway {
  gatewayId: string
  tenantId: string
  wireName: string
  mac: string | null
  label: string
  aliases: GatewayAliases
}

export interface TrialRight {
  rule: number
  direction: 'to_site' | 'to_gateway'
  kind: TopicKind
  topic: string
  will: boolean
}

export interface Trial {
  rights: TrialRight[]
  clientId: string
  results: TriedMessage[]
}

/** What the broker knows of dialects. The engine binds it. */
export interface DialectTools {
  builtIn: readonly DialectDefinition[]
  /** From here on the engine's own picture of it. */
  put(definition: DialectDefinition): void
  remove(name: string): void
  /**
   * Whether all gateways keep topics of their own with it in place.
   * @throws ExpectedError `dialect_invalid`
   */
  requireNoConflicts(trx: SiteTrx, definition: DialectDefinition): Promise<void>
  /** What the broker would do. */
  tryOut(
    definition: DialectDefinition,
    as: PlayedGateway,
    messages: readonly { topic: string; payload: Uint8Array }[],
  ): Trial
}

export type DialectPolicyChange =
  | { op: 'put_dialect'; dialect: DialectDefinition }
  | { op: 'remove_dialect'; name: string }
