import type { DialectDefinition } from '#contract/model/dialect.ts'

/** Millwright's own topics: docs of the payloads are in `canonical-codec.ts`. No tenant in a topic. */
export const canonical: DialectDefinition = {
  name: 'canonical',
  title: 'Millwright',
  clientIds: ['wire'],
  topics: [
    { direction: 'to_site', pattern: 'mw/{wire}/telemetry', kind: 'telemetry', codec: { format: 'values' } },
    { direction: 'to_site', pattern: 'mw/{wire}/status', kind: 'status', will: true },
    { direction: 'to_site', pattern: 'mw/{wire}/events', kind: 'events' },
    { direction: 'to_site', pattern: 'mw/{wire}/logs', kind: 'logs' },
    { direction: 'to_site', pattern: 'mw/{wire}/commands/ack', kind: 'command_ack' },
    { direction: 'to_site', pattern: 'mw/{wire}/twin/reported', kind: 'twin_reported' },
    { direction: 'to_gateway', pattern: 'mw/{wire}/commands', kind: 'commands' },
    { direction: 'to_gateway', pattern: 'mw/{wire}/twin/desired', kind: 'twin_desired' },
    { direction: 'to_gateway', pattern: 'mw/{wire}/ota', kind: 'ota' },
    { direction: 'to_gateway', pattern: 'mw/time', kind: 'time' },
  ],
}
