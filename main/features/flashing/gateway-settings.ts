import type { PreparedIdentity } from '#features/enrollment/index.ts'
import type { NvsContents, NvsValue } from './bench-port.ts'

/** What a gateway reads of its settings under this namespace: keys are added, never renamed. */
export const GATEWAY_NAMESPACE = 'mw'

/** How a gateway reaches the site. */
export interface GatewayReach {
  /** Tried in this order: `mqtts://10.0.0.5:8883`. */
  brokerUris: string[]
  /** Of the device root, PEM. */
  caPem: string
  /** What its dialect calls its tenant; null where it needs none. */
  tenant: string | null
}

export interface GatewaySettings {
  identity: PreparedIdentity
  reach: GatewayReach
  /** Null: none is written. */
  wifi: { ssid: string; password: string } | null
  /** ms; what its clock begins with. */
  siteTime: number
}

const text = (value: string): NvsValue => ({ type: 'string', value })
const blob = (value: string): NvsValue => ({ type: 'blob', value: new TextEncoder().encode(value) })

/** What a gateway finds in NVS. A key is left out where there is none. */
export function nvsOf({ identity, reach, wifi, siteTime }: GatewaySettings): NvsContents {
  const { gatewayId, mac, label, choice, credential } = identity
  const { chainPem, privateKeyPem, secretText } = credential
  return {
    [GATEWAY_NAMESPACE]: {
      cfg_version: { type: 'u32', value: 1 },
      id: text(gatewayId),
      ...(mac !== null && { mac: text(mac) }),
      label: text(label),
      dialect: text(choice.dialect),
      ...(reach.tenant !== null && { tenant: text(reach.tenant) }),
      broker_uri: text(reach.brokerUris.join(',')),
      ca: blob(reach.caPem),
      ...(chainPem !== null && { cert: blob(chainPem) }),
      ...(privateKeyPem !== null && { key: blob(privateKeyPem) }),
      ...(secretText !== null && { secret: text(secretText) }),
      ...(wifi && { wifi: blob(JSON.stringify([{ ssid: wifi.ssid, psk: wifi.password }])) }),
      site_time: { type: 'u64', value: BigInt(Math.trunc(siteTime)) },
    },
  }
}
