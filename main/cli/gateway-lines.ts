import type { RestClient } from '#client/rest-client.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { Cell } from './table.ts'

type Gateway = Awaited<ReturnType<RestClient['gateways']['show']>>

export const gatewayHeader = [
  'CODE',
  'NAME',
  'TENANT',
  'STATE',
  'CONNECTION',
  'LAST SEEN',
  'CERTIFICATE ENDS',
]

export function gatewayRow(gateway: Gateway): Cell[] {
  return [
    gateway.code,
    gateway.name,
    gateway.tenant.slug,
    gateway.state,
    gateway.online ? 'online' : 'offline',
    gateway.lastSeenAt ?? '-',
    gateway.certificate?.notAfter ?? '-',
  ]
}

export async function gatewayFacts(
  client: RestClient,
  gateway: Gateway,
): Promise<[string, string | number | null][]> {
  const { certificate } = gateway
  return [
    ['code', gateway.code],
    ['name', gateway.name],
    ['id', gateway.id],
    ['label', gateway.label],
    ['MAC', gateway.mac],
    ['tenant', `${gateway.tenant.name} (${gateway.tenant.slug})`],
    ['group', gateway.group === null ? null : gateway.group.path.join('/')],
    ['owner', gateway.owner?.name ?? null],
    ['state', gateway.state],
    ['connection', gateway.online ? 'online' : 'offline'],
    ['last seen', gateway.lastSeenAt ?? 'never'],
    ['created', gateway.createdAt],
    ['profile', gateway.profile?.name ?? null],
    ['dialect', gateway.dialect],
    ['MQTT client id', await clientIdOf(client, gateway)],
    ['credential', gateway.credential],
    ['firmware', gateway.firmwareVersion],
    ['certificate', certificate === null ? 'none' : `${certificate.serial} (${certificate.keyAlgorithm})`],
    ['fingerprint', certificate?.fingerprint ?? null],
    ['valid until', certificate?.notAfter ?? null],
    [
      gateway.credential === 'secret' ? 'secret' : 'private key',
      gateway.credentialWaiting ? 'waits to be downloaded' : null,
    ],
  ]
}

/** The one that it is to connect with; null where the caller may change the gateway but not look at it. */
async function clientIdOf(client: RestClient, { id }: Gateway): Promise<string | null> {
  try {
    return (await client.gateways.connection({ gateway: id })).clientId
  } catch (error) {
    const isHidden = error instanceof ExpectedError && ['forbidden', 'not_found'].includes(error.code)
    if (!isHidden) throw error
    return null
  }
}
