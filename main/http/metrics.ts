import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { LimitedCalls } from '#features/access/index.ts'
import type { CloudMetrics } from '#features/sync/index.ts'
import { cloudGauges } from './cloud-metrics.ts'

export interface MetricsSource {
  gateways: number
  online: number
  readings: number
  dropped: number
  refusals: number
  connections: number
  pendingReadings: number
  hotRows: number
  storeBytes: number
  commitP99: number
  /** HTTP calls and sign-ins sent away since start, by what they were counted by. */
  limited: LimitedCalls
  /** MQTT messages over a rate or a quota since start. */
  messagesLimited: { dropped: number; delayed: number; closed: number }
  /** Null where the site has not joined a cloud. */
  cloud: CloudMetrics | null
}

type Plain = Exclude<keyof MetricsSource, 'limited' | 'messagesLimited' | 'cloud'>

const help: Record<Plain, [name: string, help: string]> = {
  gateways: ['millwright_gateways', 'Gateways of the site'],
  online: ['millwright_gateways_online', 'Gateways connected now'],
  readings: ['millwright_readings_committed_total', 'Readings committed to disk'],
  dropped: ['millwright_readings_dropped_total', 'QoS 0 readings dropped because the store was behind'],
  refusals: ['millwright_refusals_total', 'Connections and messages refused since start'],
  connections: ['millwright_mqtt_connections', 'MQTT connections now'],
  pendingReadings: ['millwright_readings_pending', 'Readings received and not yet committed'],
  hotRows: ['millwright_store_hot_rows', 'Rows in the append-only table'],
  storeBytes: ['millwright_store_bytes', 'Size of the time-series files'],
  commitP99: [
    'millwright_store_commit_p99_milliseconds',
    'Commit time, 99th percentile of the last thousand',
  ],
}

/** Prometheus metrics of the engine, read when they are asked for. */
export function createMetrics(read: () => Promise<MetricsSource>): () => Promise<string> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauges = Object.entries(help).map(([key, [name, text]]) => {
    const gauge = new Gauge({ name, help: text, registers: [registry] })
    return { key: key as Plain, gauge }
  })
  const limited = new Gauge({
    name: 'millwright_http_limited_total',
    help: 'Calls and sign-ins refused because there were too many, since start',
    labelNames: ['by'],
    registers: [registry],
  })
  const messagesLimited = new Gauge({
    name: 'millwright_messages_limited_total',
    help: 'MQTT messages dropped (QoS 0) or delayed, and sessions closed, over a rate or a quota, since start',
    labelNames: ['action'],
    registers: [registry],
  })
  const showCloud = cloudGauges(registry)
  return async () => {
    const values = await read()
    showCloud(values.cloud)
    for (const [action, count] of Object.entries(values.messagesLimited))
      messagesLimited.set({ action }, count)
    for (const [by, count] of Object.entries(values.limited)) limited.set({ by }, count)
    for (const { key, gauge } of gauges) gauge.set(values[key])
    return registry.metrics()
  }
}
