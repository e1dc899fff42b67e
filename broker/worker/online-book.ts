import type { BrokerEvent } from '#broker/port.ts'

type Offline = Extract<BrokerEvent, { type: 'gatewayWentOffline' | 'clientWentOffline' }>

/** Who is online by what the worker told: where it dies, nobody else can say that they went offline. */
export class OnlineBook {
  private readonly gateways = new Set<string>()
  private readonly connections = new Map<string, { clientId: string; address: string }>()

  note(event: BrokerEvent): void {
    if (event.type === 'gatewayWentOnline') this.gateways.add(event.gatewayId)
    else if (event.type === 'gatewayWentOffline') this.gateways.delete(event.gatewayId)
    else if (event.type === 'clientWentOnline') {
      const { connectionId, clientId, address } = event
      this.connections.set(connectionId, { clientId, address })
    } else if (event.type === 'clientWentOffline') this.connections.delete(event.connectionId)
  }

  /** Everyone goes offline. */
  clear(at: number, reason: 'connection_lost' | 'site_stopped'): Offline[] {
    const gateways = Array.from(this.gateways, (gatewayId) => {
      return { type: 'gatewayWentOffline', gatewayId, at, reason } as const
    })
    const clients = Array.from(this.connections, ([connectionId, client]) => {
      return { type: 'clientWentOffline', ...client, connectionId, at, reason } as const
    })
    this.gateways.clear()
    this.connections.clear()
    return [...gateways, ...clients]
  }
}
