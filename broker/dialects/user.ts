import type { DialectDefinition } from '#contract/model/dialect.ts'

/**
 * Firmware with a bare value a metric, below its label or below its user (003): `devices/esp-a1b2c3/pump/state`. The label may
 * stand in any case.
 */
export const user: DialectDefinition = {
  name: 'user',
  title: 'Pool controller (003)',
  clientIds: ['alias', 'wire', 'any'],
  topics: [
    // Where its user is known by an alias; else these are not there.
    { direction: 'to_site', pattern: 'users/{user}/devices/{device}/status', kind: 'status', will: true },
    {
      direction: 'to_site',
      pattern: 'users/{user}/devices/{device}/{metric}/state',
      kind: 'telemetry',
      codec: { format: 'bare', channel: '{metric}' },
    },
    { direction: 'to_gateway', pattern: 'users/{user}/devices/{device}/{metric}/set', kind: 'commands' },
    { direction: 'to_site', pattern: 'devices/{device}/status', kind: 'status', will: true },
    {
      direction: 'to_site',
      pattern: 'devices/{device}/{metric}/state',
      kind: 'telemetry',
      codec: { format: 'bare', channel: '{metric}' },
    },
    { direction: 'to_gateway', pattern: 'devices/{device}/{metric}/set', kind: 'commands' },
  ],
}
