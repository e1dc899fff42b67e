/** What holds for all gateways and MQTT clients of one tenant. */
export interface TenantPolicy {
  tenantId: string
  /** Gateways and MQTT clients of a suspended tenant are refused. */
  state: 'active' | 'suspended'
  /** Whether its gateways may come with a secret and no certificate. */
  passwordGateways: boolean
  /** In an hour of the clock (UTC). */
  messagesPerHour: number
  /** Of all its gateways and MQTT clients together; null: no more than the hour's quota. */
  messagesPerSecond: number | null
  /** Null: five seconds' worth. */
  burst: number | null
  /** Of each of its gateways; null: those of the gateway's dialect. */
  gatewayMessagesPerSecond: number | null
  gatewayBurst: number | null
  /** What it has used of the quota in the hour of now. Left out: what the broker has counted. */
  messagesThisHour?: number
}

/** What was limited of one gateway or MQTT client since it was last told. One of the ids is null. */
export interface LimitedCount {
  gatewayId: string | null
  clientId: string | null
  tenantId: string
  /** QoS 0 messages that were not taken. */
  dropped: number
  /** Messages whose acknowledgement was withheld for a while. */
  delayed: number
  /** Sessions that were closed, for the hour's quota was used up. */
  closed: number
}
