import type { GatewayAliasTable } from '#platform/db/enrollment-schema.ts'

/** Other names of a gateway in its dialect; null: the dialect's own. */
export interface GatewayAliases {
  topic: string | null
  tenant: string | null
  user: string | null
  clientId: string | null
  username: string | null
}

/** Of a gateway's row, which holds them as a JSON object by kind. */
export function aliasesOf({ aliases }: { aliases: string }): GatewayAliases {
  const known = JSON.parse(aliases) as Partial<Record<GatewayAliasTable['kind'], string>>
  const { topic = null, tenant = null, user = null, client_id: clientId = null, username = null } = known
  return { topic, tenant, user, clientId, username }
}
