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

/** Of gateways whose dialect is not listed, and of MQTT clients. */
export const defaultRates: DialectRates = { gateway: { perSecond: 100, burst: 500 } }

/** By dialect, where it differs (domain.md, Limits). A gateway's profile and its tenant may choose others. */
const byDialect: Readonly<Record<string, DialectRates>> = {
  slots: {
    gateway: { perSecond: 12 / 60, burst: 5 },
    topic: { perSecond: 12 / 60, burst: 5 },
  },
}

/** @param dialect the name of one */
export function ratesOf(dialect: string): DialectRates {
  return Object.hasOwn(byDialect, dialect) ? (byDialect[dialect] ?? defaultRates) : defaultRates
}
