import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

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
}

const help: Record<keyof MetricsSource, [name: string, help: string]> = {
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
    return { key: key as keyof MetricsSource, gauge }
  })
  return async () => {
    const values = await read()
    for (const { key, gauge } of gauges) gauge.set(values[key])
    return registry.metrics()
  }
}
