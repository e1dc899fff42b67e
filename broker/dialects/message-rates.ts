/** How often a sender may publish: `perSecond` sustained, `burst` at once. */
export interface MessageRate {
  perSecond: number
  burst: number
}

export interface DialectRates {
  gateway: MessageRate
  /** Of each telemetry topic, where one gateway has several. */
  topic?: MessageRate
}

/** Of gateways whose dialect says nothing else, and of MQTT clients (domain.md, Limits). */
export const defaultRates: DialectRates = { gateway: { perSecond: 100, burst: 500 } }
