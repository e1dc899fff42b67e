import type { DialectDefinition } from '#contract/model/dialect.ts'

/** Firmware that names itself by its MAC with colons, one value a message; payload in `tds-codec.ts` (001). */
export const tds: DialectDefinition = {
  name: 'tds',
  title: 'TDS New (001)',
  clientIds: ['alias', 'mac', 'wire'],
  topics: [
    {
      direction: 'to_site',
      pattern: 'tds_new/devices/{mac}/telemetry',
      kind: 'telemetry',
      codec: { format: 'valor' },
    },
    { direction: 'to_site', pattern: 'tds_new/devices/{mac}/status', kind: 'status', will: true },
    { direction: 'to_site', pattern: 'tds_new/devices/{mac}/logs', kind: 'logs' },
    { direction: 'to_gateway', pattern: 'tds_new/devices/{mac}/commands', kind: 'commands' },
  ],
}
