import type { Dialect } from '#broker/dialects/dialect.ts'
import { clientIdFor, topicOf, topicsFor } from '#broker/dialects/dialects.ts'
import type { TopicOwner } from '#broker/dialects/topic-names.ts'
import { wireName } from '#contract/model/ids.ts'
import type { BrokerDirectory, WireGateway } from '#features/enrollment/index.ts'
import { aliasesOf } from '#features/fleet/index.ts'
import type { SiteService } from '#features/site/index.ts'
import { brokerHosts } from './broker-hosts.ts'
import { exampleFor } from './example-message.ts'

/** Where gateways with a secret connect once that listener is on (domain.md, Ports). */
const DEFAULT_PASSWORD_PORT = 8884

/** How gateways reach the broker, what they call themselves there and which topics they have, by their dialects. */
export function brokerDirectory(
  site: Pick<SiteService, 'network' | 'mqttListeners' | 'name'>,
  dialects: { get(name: string): Dialect },
): BrokerDirectory {
  const topicsOf = (gateway: WireGateway): Record<string, string> =>
    topicsFor(dialects.get(gateway.dialect), ownerOf(gateway))
  return {
    hosts: () => brokerHosts(site.network()),
    portFor: (credential) =>
      credential === 'secret'
        ? (site.mqttListeners().passwordMqtts ?? DEFAULT_PASSWORD_PORT)
        : site.network().ports.mqtts,
    siteName: () => site.name() ?? '',
    clientIdOf: (gateway) => clientIdFor(dialects.get(gateway.dialect), ownerOf(gateway)),
    topicsOf,
    usernameOf,
    signInOf: (gateway, handover) => ({
      mqtt_username: usernameOf(gateway),
      mqtt_password: passwordOf(gateway, handover),
    }),
    wiringOf: (gateway) => {
      const dialect = dialects.get(gateway.dialect)
      const owner = ownerOf(gateway)
      const topics = dialect.topics.map((rule) => ({
        direction: rule.direction,
        kind: rule.kind,
        topic: topicOf(rule, owner),
        will: rule.direction === 'to_site' && rule.will,
      }))
      return {
        dialect: { name: gateway.dialect, title: dialect.definition.title },
        topics: topics.flatMap(({ topic, ...rest }) => (topic === null ? [] : [{ topic, ...rest }])),
        example: exampleFor(dialect, owner),
      }
    },
  }
}

function ownerOf(gateway: WireGateway): TopicOwner {
  const { id: gatewayId, tenantId, mac, label } = gateway
  return { gatewayId, tenantId, mac, label, wireName: wireName(gateway), aliases: aliasesOf(gateway) }
}

/** What it sends at CONNECT; null where its certificate says all. */
function usernameOf(gateway: WireGateway): string | null {
  return gateway.credential === 'certificate' ? null : (aliasesOf(gateway).username ?? wireName(gateway))
}

function passwordOf(
  { credential }: WireGateway,
  handover: Parameters<BrokerDirectory['signInOf']>[1],
): string | null {
  if (handover.kind === 'secret') return handover.secret
  return credential === 'both' ? handover.fingerprint : null
}
