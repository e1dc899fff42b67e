import { describe, expect, test } from 'vitest'
import { AccessRules } from '#broker/auth/access-rules.ts'
import { allowsClientId, clientIdFor, dialectNames, dialectOf, topicsFor } from './dialects.ts'

const owner = { wireName: 'aabbccddeeff', mac: 'aa:bb:cc:dd:ee:ff' }

test('the topics of a gateway follow from its dialect', () => {
  expect(dialectNames).toEqual(['canonical', 'tds'])
  expect(topicsFor('canonical', owner.wireName, owner.mac)).toMatchObject({
    telemetry: 'mw/aabbccddeeff/telemetry',
    commands: 'mw/aabbccddeeff/commands',
    time: 'mw/time',
  })
  expect(topicsFor('tds', owner.wireName, owner.mac)).toEqual({
    telemetry: 'tds_new/devices/aa:bb:cc:dd:ee:ff/telemetry',
    status: 'tds_new/devices/aa:bb:cc:dd:ee:ff/status',
    logs: 'tds_new/devices/aa:bb:cc:dd:ee:ff/logs',
    commands: 'tds_new/devices/aa:bb:cc:dd:ee:ff/commands',
  })
  expect(topicsFor('tds', 'id', null).telemetry).toBe('tds_new/devices/id/telemetry')
  expect(clientIdFor('tds', owner.wireName, owner.mac)).toBe(owner.mac)
  expect(clientIdFor('canonical', owner.wireName, owner.mac)).toBe(owner.wireName)
})

test('client ids', () => {
  expect(allowsClientId(dialectOf('canonical'), owner, 'aabbccddeeff')).toBe(true)
  expect(allowsClientId(dialectOf('canonical'), owner, owner.mac)).toBe(false)
  expect(allowsClientId(dialectOf('tds'), owner, 'AA:BB:CC:DD:EE:FF')).toBe(true)
  expect(allowsClientId(dialectOf('tds'), owner, 'aabbccddeeff')).toBe(true)
  expect(allowsClientId(dialectOf('tds'), { wireName: 'id', mac: null }, 'null')).toBe(false)
  expect(allowsClientId(dialectOf('canonical'), owner, '')).toBe(false)
})

describe('rights', () => {
  const rules = new AccessRules('canonical', owner)

  test('only its own topics, in their direction', () => {
    expect(rules.publishing('mw/aabbccddeeff/telemetry')?.kind).toBe('telemetry')
    expect(rules.publishing('mw/aabbccddeeff/commands')).toBeUndefined()
    expect(rules.publishing('mw/000000000000/telemetry')).toBeUndefined()
    expect(rules.publishing('mw/time')).toBeUndefined()
    expect(rules.publishing('$SYS/x')).toBeUndefined()
    expect(rules.receiving('mw/aabbccddeeff/commands')).toBeDefined()
    expect(rules.receiving('mw/time')).toBeDefined()
    expect(rules.receiving('mw/aabbccddeeff/telemetry')).toBeUndefined()
    for (const filter of ['#', '+/+/commands', 'mw/#', 'mw/+/commands', '$SYS/#']) {
      expect(rules.receiving(filter)).toBeUndefined()
    }
  })

  test('a will only as status', () => {
    expect(rules.allowsWill('mw/aabbccddeeff/status')).toBe(true)
    expect(rules.allowsWill('mw/aabbccddeeff/telemetry')).toBe(false)
  })

  test('its own topics leave out what all share', () => {
    expect(rules.ownTopics).toContain('mw/aabbccddeeff/twin/desired')
    expect(rules.ownTopics).not.toContain('mw/time')
  })
})
