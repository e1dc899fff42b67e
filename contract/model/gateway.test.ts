import { expect, test } from 'vitest'
import { type FleetRow, fleetStatus, STALE_AFTER } from './gateway.ts'

const now = 1_800_000_000_000
const row: FleetRow = {
  id: 'g',
  tenantId: 't',
  groupId: null,
  ownerUserId: null,
  code: 'GW001',
  name: 'Boiler',
  label: 'ESP-000001',
  mac: null,
  dialect: 'canonical',
  firmwareVersion: null,
  state: 'active',
  online: true,
  since: now - 1_000,
  lastSeenAt: now - 1_000,
  certificateEnds: null,
  latest: null,
  rate: 0,
  refusal: null,
}
const refusal = { reason: 'certificate_revoked' as const, at: now - 500, count: 1 }

test.each<[string, Partial<FleetRow>, string]>([
  ['connected and heard of', {}, 'online'],
  ['connected and silent too long', { since: now - STALE_AFTER - 1, lastSeenAt: null }, 'stale'],
  [
    'connected long ago and heard of just now',
    {
      since: 0,
      lastSeenAt: now,
      latest: { channelId: 'c', name: 't', unit: null, value: 1, ts: now },
    },
    'online',
  ],
  ['not connected', { online: false }, 'offline'],
  ['refused since it was last connected', { online: false, refusal }, 'refused'],
  ['refused once, connected since', { refusal }, 'online'],
  ['refused before it went offline', { online: false, since: now, refusal }, 'offline'],
  ['made and never connected', { state: 'claimed', online: false }, 'waiting'],
  ['suspended, whatever else', { state: 'suspended', online: false, refusal }, 'suspended'],
  ['revoked, whatever else', { state: 'revoked', online: false, refusal }, 'revoked'],
])('a gateway that is %s', (_what, change, status) => {
  expect(fleetStatus({ ...row, ...change }, now)).toBe(status)
})
