import { expect, test } from 'vitest'
import type { Me } from '#contract/api/auth.ts'
import type { MqttClient } from '#contract/api/mqtt-clients.ts'
import {
  askedOf,
  changesOf,
  filtersOf,
  formOf,
  isFilter,
  newForm,
  problemsOf,
  rightsFor,
} from './client-form.ts'

const me = (permissions: string[]) => ({ permissions, reach: 'tenant' }) as unknown as Me
const form = { ...newForm(me(['telemetry:read']), 't'), name: ' SCADA ' }

test('nobody is offered rights that they do not hold', () => {
  expect(rightsFor(me(['telemetry:read', 'gateways:command']))).toEqual(['read', 'write', 'both'])
  expect(rightsFor(me(['telemetry:read']))).toEqual(['read'])
  expect(rightsFor(me(['gateways:command']))).toEqual(['write'])
  expect(rightsFor(me([]))).toEqual([])
})

test('filters are those of MQTT, one a line; none is everything', () => {
  expect(filtersOf(' \n')).toEqual(['#'])
  expect(filtersOf(' mw/+/telemetry \n\nmw/+/telemetry\nmw/#')).toEqual(['mw/+/telemetry', 'mw/#'])
  for (const good of ['#', '+', 'mw/+/telemetry', 'a/#', '/', 'a//b'])
    expect([good, isFilter(good)]).toEqual([good, true])
  for (const bad of ['mw/#/x', 'a+', 'a/b#', '$SYS/#', 'a\u0007', 'x'.repeat(513)])
    expect([bad, isFilter(bad)]).toEqual([bad, false])
})

test('what is missing or wrong is named', () => {
  expect(problemsOf(form, { whole: true })).toEqual([])
  expect(problemsOf({ ...form, name: ' ', username: 'Ab', topics: 'a+' }, { whole: true })).toEqual([
    'name',
    'username',
    'topics',
  ])
  expect(problemsOf({ ...form, tenantId: null }, { whole: true })).toEqual(['tenant'])
  expect(problemsOf(form, { whole: false })).toEqual(['group'])
  expect(problemsOf({ ...form, tenantId: null, groupId: 'g' }, { whole: false })).toEqual([])
})

test('only what was filled in is asked for', () => {
  expect(askedOf(form)).toEqual({
    name: 'SCADA',
    rights: 'read',
    topics: ['#'],
    credentials: 'password',
    expiresInDays: null,
    tenant: 't',
  })
  expect(askedOf({ ...form, groupId: 'g', username: 'scada' })).toMatchObject({
    group: 'g',
    username: 'scada',
  })
  expect(askedOf({ ...form, groupId: 'g' })).not.toHaveProperty('tenant')
})

test('only what differs is changed, and of personal ones neither rights nor group', () => {
  const client = {
    name: 'a',
    username: 'a',
    tenant: { id: 't' },
    group: { id: 'g' },
    owner: null,
    rights: 'read',
    topics: ['#'],
  } as unknown as MqttClient
  expect(changesOf(client, formOf(client))).toEqual({})
  const other = { ...formOf(client), name: 'b', rights: 'both' as const, groupId: null, topics: 'mw/#' }
  expect(changesOf(client, other)).toEqual({ name: 'b', rights: 'both', group: null, topics: ['mw/#'] })
  const owned = { ...client, owner: { id: 'u', name: 'u' } } as MqttClient
  expect(changesOf(owned, other)).toEqual({ name: 'b', topics: ['mw/#'] })
})
