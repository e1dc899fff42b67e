import { assertNever } from '#contract/errors.ts'
import type { DialectName } from '#contract/model/gateway.ts'

export interface ConnectFacts {
  dialect: DialectName
  wireName: string
  mac: string | null
  host: string
  port: number
}

/** The topic that a gateway publishes its readings to (domain.md, "MQTT topics" and "Other dialects"). */
export function telemetryTopic(facts: Pick<ConnectFacts, 'dialect' | 'wireName' | 'mac'>): string {
  switch (facts.dialect) {
    case 'canonical':
      return `mw/${facts.wireName}/telemetry`
    case 'tds':
      return `tds_new/devices/${facts.mac ?? facts.wireName}/telemetry`
    default:
      return assertNever(facts.dialect)
  }
}

function examplePayload(facts: ConnectFacts): string {
  switch (facts.dialect) {
    case 'canonical':
      return '{"values": {"temperature": 21.4}}'
    case 'tds':
      return `{"valor": 21.4, "unidade": "°C", "gateway_mac": "${facts.mac ?? facts.wireName}"}`
    default:
      return assertNever(facts.dialect)
  }
}

/** A first reading with mosquitto's client, from the folder that holds the files of the ZIP. */
export function publishCommand(facts: ConnectFacts): string {
  return [
    `mosquitto_pub -h ${facts.host} -p ${facts.port} -i ${facts.wireName} \\`,
    '  --cafile ca.crt --cert client.crt --key client.key \\',
    `  -q 1 -t ${telemetryTopic(facts)} \\`,
    `  -m '${examplePayload(facts)}'`,
  ].join('\n')
}

/** Where gateways reach the site: a name or address of the network, loopback only where there is nothing else. */
export function siteHost(network: { addresses: readonly string[]; names: readonly string[] }): string {
  const reachable = network.addresses.find((address) => !/^(127\.|::1$|0\.0\.0\.0$|::$)/.test(address))
  return (
    reachable ?? network.names.find((name) => name !== 'localhost') ?? network.addresses[0] ?? 'localhost'
  )
}
