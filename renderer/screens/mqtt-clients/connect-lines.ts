import type { MqttAddresses, MqttRights } from '#contract/api/mqtt-clients.ts'

export interface ConnectLine {
  /** What the line does. */
  what: 'subscribe' | 'publish'
  command: string
}

/** Where a client with these credentials connects by MQTT over TLS; null: that listener is off. */
export function addressFor(addresses: MqttAddresses, how: 'password' | 'certificate'): string | null {
  return how === 'password' ? addresses.passwordMqtts : addresses.mqtts
}

/** Lines for a terminal that connect, ready to paste. A password stands between apostrophes: it is hex. */
export function connectLines(
  address: string,
  sign: { username: string; password: string } | 'certificate',
  { rights, prefix, topics }: { rights: MqttRights; prefix: string; topics: readonly string[] },
): ConnectLine[] {
  const { hostname, port } = new URL(address.replace(/^mqtts:/, 'https:'))
  const where = `-h ${hostname.replace(/^\[|\]$/g, '')} -p ${port} --cafile ca.crt`
  const who =
    sign === 'certificate'
      ? '--cert client.crt --key client.key'
      : `-u ${sign.username} -P '${sign.password}'`
  const [filter = '#'] = topics
  const subscribe: ConnectLine = {
    what: 'subscribe',
    command: `mosquitto_sub ${where} ${who} -v -t '${filter}'`,
  }
  const publish: ConnectLine = {
    what: 'publish',
    command: `mosquitto_pub ${where} ${who} -t '${prefix}/hello' -m 'it works'`,
  }
  return [...(rights === 'write' ? [] : [subscribe]), ...(rights === 'read' ? [] : [publish])]
}
