import type { Aedes, Client } from 'aedes'

/**
 * What this folder uses of aedes 1.2 beyond its published types. A newer aedes is checked against this list first:
 * `aedes-internals.test.ts` fails where one of them is gone.
 */
export interface AedesClient extends Client {
  id: string
  will: unknown
  /** Set when a DISCONNECT packet came: the last will is void [MQTT-3.14.4-3]. */
  _disconnected: boolean
  _keepaliveTimer: NodeJS.Timeout | null
  _parser: { parse(chunk: Buffer): number; emit(event: 'error', error: Error): boolean }
  /** Disconnects the client where its socket does not drain within `drainTimeout`. */
  waitForDrain(callback: (error: Error | null) => void): void
}

export interface AedesBroker extends Omit<Aedes, 'publish'> {
  clients: Record<string, AedesClient>
  connectedClients: number
  unregisterClient(client: AedesClient): void
  publish(packet: object, client: AedesClient | null, done: (error?: Error | null) => void): void
}
