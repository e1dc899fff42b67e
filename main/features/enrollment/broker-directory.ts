/** How gateways reach the broker, and the topics of a dialect: known to the engine, not to this feature. */
export interface BrokerDirectory {
  hosts(): string[]
  port(): number
  siteName(): string
  clientIdOf(gateway: { id: string; mac: string | null; dialect: string }): string
  topicsOf(gateway: { id: string; mac: string | null; dialect: string }): Record<string, string>
}
