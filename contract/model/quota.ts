/** What a tenant may use where nothing else was set (domain.md, Limits). */
export const defaultQuotas = {
  gateways: 1_000,
  /** A thousand gateways with a message every four seconds come near it. */
  messagesPerHour: 1_000_000,
} as const

export const HOUR = 3_600_000

/** The start of the hour (UTC) that a time is in, ms. Quotas of messages are those of such an hour. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR) * HOUR
}
