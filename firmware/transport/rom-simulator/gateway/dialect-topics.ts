import { wireName } from '#contract/model/ids.ts'
import type { GatewaySettings } from './gateway-settings.ts'

/** What a gateway says where, in the dialect that its settings name (docs/dialects.md). */
export interface DialectTopics {
  clientId: string
  /** Retained, and the last will. */
  status: string
  telemetry: string
  /** @param temperature °C */
  payload(temperature: number): string
  /** Least ms between messages that the dialect allows. */
  leastEvery: number
}

export function topicsOf(settings: GatewaySettings): DialectTopics {
  const { dialect, mac, tenant } = settings
  const wire = wireName({ id: settings.id ?? '', mac: mac === '' ? null : mac })
  const label = settings.label ?? wire
  switch (dialect) {
    case 'tds':
      return {
        clientId: mac,
        status: `tds_new/devices/${mac}/status`,
        telemetry: `tds_new/devices/${mac}/telemetry`,
        payload: (temperature) => JSON.stringify({ valor: temperature, unidade: '°C' }),
        leastEvery: 0,
      }
    case 'slots':
      return {
        clientId: wire,
        status: `tenants/${tenant ?? ''}/devices/${wire}/status`,
        telemetry: `tenants/${tenant ?? ''}/devices/${wire}/telemetry/slot/1`,
        payload: (temperature) => JSON.stringify({ value: temperature }),
        leastEvery: 6_000,
      }
    case 'direction':
      return {
        clientId: wire,
        status: `${wire}/status/up`,
        telemetry: `${wire}/climate/up`,
        payload: (temperature) => JSON.stringify({ temperature }),
        leastEvery: 0,
      }
    case 'user':
      return {
        clientId: wire,
        status: `devices/${label}/status`,
        telemetry: `devices/${label}/temperature/state`,
        payload: (temperature) => String(temperature),
        leastEvery: 0,
      }
    default:
      return {
        clientId: wire,
        status: `mw/${wire}/status`,
        telemetry: `mw/${wire}/telemetry`,
        payload: (temperature) => JSON.stringify({ values: { temperature } }),
        leastEvery: 0,
      }
  }
}
