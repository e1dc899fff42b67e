import type { DialectDefinition } from '#contract/model/dialect.ts'

/**
 * Firmware whose topics begin with the tenant's and its own UUID, one value a slot and message (000): both are aliases here.
 * It sends any client id.
 */
export const slots: DialectDefinition = {
  name: 'slots',
  title: 'IIoT platform with slots (000)',
  clientIds: ['alias', 'wire', 'any'],
  topics: [
    {
      direction: 'to_site',
      pattern: 'tenants/{tenant}/devices/{gateway}/telemetry/slot/{n}',
      kind: 'telemetry',
      codec: { format: 'value_object', channel: 'slot/{n}' },
    },
    {
      direction: 'to_site',
      pattern: 'tenants/{tenant}/devices/{gateway}/status',
      kind: 'status',
      will: true,
    },
    { direction: 'to_site', pattern: 'tenants/{tenant}/devices/{gateway}/events/#', kind: 'events' },
    { direction: 'to_gateway', pattern: 'tenants/{tenant}/devices/{gateway}/commands/#', kind: 'commands' },
  ],
  // 12 a minute a gateway and a slot, 5 at once.
  rates: { gateway: { perSecond: 0.2, burst: 5 }, topic: { perSecond: 0.2, burst: 5 } },
}
