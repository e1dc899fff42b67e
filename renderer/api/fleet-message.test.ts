import { expect, it } from 'vitest'
import type { FleetRow } from '#contract/model/gateway.ts'
import { applyFleetMessage, type Fleet } from './fleet-message.ts'

const row = (id: string, code: string, rate = 1): FleetRow => ({
  id,
  tenantId: 't',
  groupId: null,
  ownerUserId: null,
  code,
  name: code,
  label: code,
  mac: null,
  dialect: 'canonical',
  firmwareVersion: null,
  state: 'active',
  online: true,
  since: 0,
  lastSeenAt: null,
  certificateEnds: null,
  latest: null,
  rate,
  refusal: null,
})
const none: Fleet = { ready: false, rows: [], byId: new Map(), error: undefined, version: 0 }
const codes = (fleet: Fleet) => fleet.rows.map(({ code }) => code)
const whole = applyFleetMessage(none, {
  type: 'all',
  rows: [row('c', 'GW10'), row('a', 'GW1'), row('b', 'GW2')],
})

it('orders the whole fleet by code, as people count', () => {
  expect(whole.ready).toBe(true)
  expect(codes(whole)).toEqual(['GW1', 'GW2', 'GW10'])
})

it('replaces changed rows in their places', () => {
  const next = applyFleetMessage(whole, { type: 'changed', rows: [row('b', 'GW2', 9)], removed: [] })
  expect(codes(next)).toEqual(['GW1', 'GW2', 'GW10'])
  expect(next.byId.get('b')?.rate).toBe(9)
  expect(next.rows[1]?.rate).toBe(9)
  expect(next.rows[0]).toBe(whole.rows[0])
})

it('takes gateways in and out, and moves one whose code changed', () => {
  const next = applyFleetMessage(whole, {
    type: 'changed',
    rows: [row('d', 'GW3'), row('a', 'GW11')],
    removed: ['c'],
  })
  expect(codes(next)).toEqual(['GW2', 'GW3', 'GW11'])
  expect(next.byId.has('c')).toBe(false)
})

it('forgets what a new whole does not hold: the link was lost in between', () => {
  expect(codes(applyFleetMessage(whole, { type: 'all', rows: [row('z', 'GW9')] }))).toEqual(['GW9'])
})
