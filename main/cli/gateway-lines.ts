import type { RestClient } from '#client/rest-client.ts'
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

export function gatewayFacts(gateway: Gateway): [string, string | number | null][] {
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
    ['dialect', gateway.dialect],
    ['MQTT client id', gateway.wireName],
    ['firmware', gateway.firmwareVersion],
    ['certificate', certificate === null ? 'none' : `${certificate.serial} (${certificate.keyAlgorithm})`],
    ['fingerprint', certificate?.fingerprint ?? null],
    ['valid until', certificate?.notAfter ?? null],
    ['private key', gateway.credentialWaiting ? 'waits to be downloaded' : null],
  ]
}
