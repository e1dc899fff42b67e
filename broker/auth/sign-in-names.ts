import type { Identity } from '#broker/port.ts'
import type { Gateway } from './gateway.ts'
import type { MqttClient } from './mqtt-client.ts'

type NamedGateway = Pick<Identity, 'gatewayId' | 'wireName' | 'mac' | 'label' | 'aliases'>

/**
 * The user names that a gateway may come with, in small letters: its alias or wire name, its id, its MAC with colons, its
 * label and the name that it has in its topics (000: the UUID of the device).
 */
export function signInNamesOf({ gatewayId, wireName, mac, label, aliases }: NamedGateway): Set<string> {
  const names = [aliases.username, wireName, gatewayId, mac, label, aliases.topic]
  return new Set(names.flatMap((name) => (name ? [name.toLowerCase()] : [])))
}

/**
 * Who signs in with a user name. MQTT clients are told apart by the case of their names, gateways are not. The engine keeps
 * names apart; where two have one all the same, the password says who it is.
 */
export class SignInNames {
  private readonly clients = new Map<string, MqttClient>()
  private readonly gateways = new Map<string, Set<Gateway>>()

  addClient(client: MqttClient): void {
    this.clients.set(client.identity.username, client)
  }

  removeClient(client: MqttClient): void {
    const { username } = client.identity
    if (this.clients.get(username) === client) this.clients.delete(username)
  }

  addGateway(gateway: Gateway): void {
    for (const name of gateway.signInNames) {
      const known = this.gateways.get(name)
      if (known) known.add(gateway)
      else this.gateways.set(name, new Set([gateway]))
    }
  }

  /** With the names that it was added with. */
  removeGateway(gateway: Gateway): void {
    for (const name of gateway.signInNames) {
      const known = this.gateways.get(name)
      known?.delete(gateway)
      if (known?.size === 0) this.gateways.delete(name)
    }
  }

  find(username: string): (MqttClient | Gateway)[] {
    const client = this.clients.get(username)
    return [...(client ? [client] : []), ...(this.gateways.get(username.toLowerCase()) ?? [])]
  }
}
