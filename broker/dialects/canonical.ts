import type { Dialect } from './dialect.ts'

/** Millwright's own topics: docs of the payloads are in `canonical-codec.ts`. No tenant in a topic. */
export const canonical: Dialect = {
  name: 'canonical',
  clientIds: ['wireName'],
  topics: [
    {
      direction: 'to_site',
      pattern: 'mw/{gateway}/telemetry',
      kind: 'telemetry',
      codec: 'values',
    },
    { direction: 'to_site', pattern: 'mw/{gateway}/status', kind: 'status', will: true },
    { direction: 'to_site', pattern: 'mw/{gateway}/events', kind: 'events' },
    { direction: 'to_site', pattern: 'mw/{gateway}/logs', kind: 'logs' },
    { direction: 'to_site', pattern: 'mw/{gateway}/commands/ack', kind: 'command_ack' },
    { direction: 'to_site', pattern: 'mw/{gateway}/twin/reported', kind: 'twin_reported' },
    { direction: 'to_gateway', pattern: 'mw/{gateway}/commands', kind: 'commands' },
    { direction: 'to_gateway', pattern: 'mw/{gateway}/twin/desired', kind: 'twin_desired' },
    { direction: 'to_gateway', pattern: 'mw/{gateway}/ota', kind: 'ota' },
    { direction: 'to_gateway', pattern: 'mw/time', kind: 'time' },
  ],
}
