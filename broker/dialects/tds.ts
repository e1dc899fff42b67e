import type { Dialect } from './dialect.ts'

/** Firmware that names itself by its MAC with colons, one value a message; payload in `tds-codec.ts`. */
export const tds: Dialect = {
  name: 'tds',
  clientIds: ['mac', 'wireName'],
  topics: [
    {
      direction: 'to_site',
      pattern: 'tds_new/devices/{mac}/telemetry',
      kind: 'telemetry',
      codec: 'valor',
    },
    {
      direction: 'to_site',
      pattern: 'tds_new/devices/{mac}/status',
      kind: 'status',
      will: true,
    },
    { direction: 'to_site', pattern: 'tds_new/devices/{mac}/logs', kind: 'logs' },
    { direction: 'to_gateway', pattern: 'tds_new/devices/{mac}/commands', kind: 'commands' },
  ],
}
