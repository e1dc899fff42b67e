/** Who a gateway's names and topics are filled in for. */
export interface AccessGateway {
  id: string
  tenantId: string
  mac: string | null
  label: string
  dialect: string
  /** JSON by kind. */
  aliases: string
}

/** Names that a gateway may come to a broker with, and every topic filter that it may use there. */
export interface GatewayRights {
  usernames: readonly string[]
  /** Null: any. */
  clientIds: readonly (string | null)[]
  /** `pending`: also before the gateway has acknowledged its binding. */
  topics: readonly { action: 'publish' | 'subscribe'; topic: string; pending?: true }[]
}

/** From the code by which the broker of the site decides; the engine binds it. */
export interface GatewayAccess {
  accessOf(gateway: AccessGateway): GatewayRights
}
