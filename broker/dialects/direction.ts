import type { DialectDefinition } from '#contract/model/dialect.ts'

/**
 * Firmware with `<device id>/<category>/<direction>` (002): what goes up is from the device, what goes down is for it. Every
 * category that has no meaning of its own here carries readings, a JSON object of values.
 */
export const direction: DialectDefinition = {
  name: 'direction',
  title: 'Grow device cloud (002)',
  clientIds: ['alias', 'wire', 'id', 'mac', 'label'],
  topics: [
    { direction: 'to_site', pattern: '{gateway}/status/up', kind: 'status', will: true },
    { direction: 'to_site', pattern: '{gateway}/events/up', kind: 'events' },
    { direction: 'to_site', pattern: '{gateway}/logs/up', kind: 'logs' },
    { direction: 'to_site', pattern: '{gateway}/commands/up', kind: 'command_ack' },
    { direction: 'to_site', pattern: '{gateway}/config/up', kind: 'twin_reported' },
    {
      direction: 'to_site',
      pattern: '{gateway}/{category}/up',
      kind: 'telemetry',
      codec: { format: 'object', channel: '{category}/{key}', time: ['/ts', '/timestamp'] },
    },
    { direction: 'to_gateway', pattern: '{gateway}/commands/down', kind: 'commands' },
    { direction: 'to_gateway', pattern: '{gateway}/config/down', kind: 'twin_desired' },
    { direction: 'to_gateway', pattern: '{gateway}/ota/down', kind: 'ota' },
    { direction: 'to_gateway', pattern: '{gateway}/{category}/down', kind: 'commands' },
  ],
}
