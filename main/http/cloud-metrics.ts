import { Gauge, type Registry } from 'prom-client'
import type { CloudMetrics } from '#features/sync/index.ts'

const help: Record<Exclude<keyof CloudMetrics, 'state'>, [name: string, help: string]> = {
  backlogReadings: ['millwright_cloud_backlog_readings', 'Readings that wait to be sent to the cloud'],
  backlogSeconds: ['millwright_cloud_backlog_seconds', 'Age of the oldest reading that waits'],
  backlogObjects: ['millwright_cloud_backlog_objects', 'Objects of the fleet that wait to be sent'],
  readingsSent: ['millwright_cloud_readings_sent_total', 'Readings sent since the site joined'],
  bytes: ['millwright_cloud_bytes_total', 'Bytes to and from the cloud since start, as they are on the wire'],
  deadLetters: [
    'millwright_cloud_dead_letters',
    'Readings and objects that were refused and wait for a person',
  ],
  conflicts: ['millwright_cloud_conflicts', 'Fields changed here and elsewhere that nobody has settled'],
  readingsLost: [
    'millwright_cloud_readings_lost_total',
    'Readings that retention took before they were sent',
  ],
  lastSuccess: ['millwright_cloud_last_success_timestamp_seconds', 'When something was sent or taken last'],
}

/** Gauges of the link to the cloud; a site that has not joined has none. */
export function cloudGauges(registry: Registry): (values: CloudMetrics | null) => void {
  const gauges = new Map<string, Gauge>()
  const state = (): Gauge => {
    const known = gauges.get('state')
    if (known) return known
    const made = new Gauge({
      name: 'millwright_cloud_state',
      help: 'State of the link to the cloud: 1 for the one that it is in',
      labelNames: ['state'],
      registers: [registry],
    })
    gauges.set('state', made)
    return made
  }
  const gaugeOf = (key: keyof typeof help): Gauge => {
    const known = gauges.get(key)
    if (known) return known
    const [name, text] = help[key]
    const made = new Gauge({ name, help: text, registers: [registry] })
    gauges.set(key, made)
    return made
  }
  return (values) => {
    if (values === null) {
      for (const gauge of gauges.values()) gauge.reset()
      return
    }
    for (const [name, value] of Object.entries(values.state)) state().set({ state: name }, value)
    for (const key of Object.keys(help) as (keyof typeof help)[]) gaugeOf(key).set(values[key])
  }
}
