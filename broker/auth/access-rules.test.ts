import { describe, expect, test } from 'vitest'
import type { Identity, MqttClientIdentity } from '#broker/port.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import type { Gateway } from './gateway.ts'
import { Policy } from './policy.ts'
import { TopicIndex } from './topic-index.ts'

const noAliases = { topic: null, tenant: null, user: null, clientId: null, username: null }

function gateway(more: Partial<Identity> = {}): Identity {
  return {
    gatewayId: 'g',
    assignmentId: 'a',
    tenantId: 't',
    groupPath: [],
    ownerUserId: null,
    wireName: 'aabbccddeeff',
    mac: 'aa:bb:cc:dd:ee:ff',
    label: 'ESP-DDEEFF',
    dialect: 'canonical',
    aliases: noAliases,
    credential: 'certificate',
    secrets: [],
    awaitsBind: false,
    access: 'allowed',
    certificates: [],
    ...more,
  }
}

function policyWith(...gateways: Identity[]): Policy {
  const policy = new Policy()
  for (const identity of gateways) policy.apply({ op: 'put', identity })
  return policy
}

function rulesOf(more: Partial<Identity>) {
  return (policyWith(gateway(more)).find('g') as Gateway).rules
}

const client: MqttClientIdentity = {
  clientId: 'c',
  username: 'john',
  tenantId: 't',
  access: 'allowed',
  password: null,
  certificates: [],
  reach: { groupIds: null, ownerUserId: null },
  rights: 'both',
  topics: ['#'],
  prefix: 'users/john',
}

describe('canonical', () => {
  const rules = rulesOf({})

  test('only its own topics, in their direction', () => {
    expect(rules.publishing('mw/aabbccddeeff/telemetry')?.kind).toBe('telemetry')
    for (const topic of [
      'mw/aabbccddeeff/commands',
      'mw/000000000000/telemetry',
      'mw/AABBCCDDEEFF/telemetry',
      'mw/time',
      '$SYS/x',
      '',
    ])
      expect(rules.publishing(topic)).toBeUndefined()
    expect(rules.receiving('mw/aabbccddeeff/commands')).toBeDefined()
    expect(rules.receiving('mw/time')).toBeDefined()
    expect(rules.receiving('mw/aabbccddeeff/telemetry')).toBeUndefined()
    for (const filter of ['#', '+/+/commands', 'mw/#', 'mw/+/commands', 'mw/aabbccddeeff/#', '$SYS/#'])
      expect(rules.subscribing(filter)).toBeUndefined()
  })

  test('a will only as status', () => {
    expect(rules.allowsWill('mw/aabbccddeeff/status')).toBe(true)
    expect(rules.allowsWill('mw/aabbccddeeff/telemetry')).toBe(false)
  })

  test('its own topics leave out what all share', () => {
    expect(rules.ownTopics).toContain('mw/aabbccddeeff/twin/desired')
    expect(rules.ownTopics).not.toContain('mw/time')
    expect(rules.claims).toEqual([])
  })
})

describe('open levels', () => {
  const slots = rulesOf({ dialect: 'slots', aliases: { ...noAliases, topic: 'G', tenant: 'T' } })
  const user = rulesOf({ dialect: 'user', aliases: { ...noAliases, topic: 'pool-01', user: 'john' } })

  test('are filled by the gateway, one level each', () => {
    expect(slots.publishing('tenants/T/devices/G/telemetry/slot/7')?.kind).toBe('telemetry')
    expect(slots.publishing('tenants/T/devices/G/events')?.kind).toBe('events')
    expect(slots.publishing('tenants/T/devices/G/events/door/open')?.kind).toBe('events')
    for (const topic of [
      'tenants/T/devices/G/telemetry/slot',
      'tenants/T/devices/G/telemetry/slot/',
      'tenants/T/devices/G/telemetry/slot/1/2',
      'tenants/T/devices/G/telemetry/slot/+',
      'tenants/T/devices/G/telemetry/slot/a#',
      'tenants/T/devices/G/telemetry/slot/a\0b',
      'tenants/T/devices/G/events//x',
      'tenants/T/devices/G/commands/x',
      'tenants/T/devices/other/status',
      'tenants/U/devices/G/status',
      'Tenants/T/devices/G/status',
    ])
      expect(slots.publishing(topic)).toBeUndefined()
  })

  test('are subscribed to with wildcards there, never wider', () => {
    for (const filter of ['commands/#', 'commands', 'commands/reset', 'commands/+', 'commands/a/+/#'])
      expect(slots.subscribing(`tenants/T/devices/G/${filter}`)?.kind).toBe('commands')
    for (const filter of [
      'tenants/T/devices/G/#',
      'tenants/T/devices/+/commands/#',
      'tenants/+/devices/G/commands/#',
      'tenants/T/devices/G/+/#',
      'tenants/T/devices/G/telemetry/slot/+',
      'tenants/#',
      '#',
      '+/+/+/+/commands',
    ])
      expect(slots.subscribing(filter)).toBeUndefined()
    expect(user.subscribing('users/john/devices/pool-01/+/set')?.kind).toBe('commands')
    expect(user.subscribing('devices/pool-01/pump/set')?.kind).toBe('commands')
    for (const filter of ['devices/pool-01/#', 'devices/+/+/set', 'devices/pool-01/+/+', 'users/john/#'])
      expect(user.subscribing(filter)).toBeUndefined()
  })

  test('names count in any case, what stands between them does not', () => {
    for (const device of ['pool-01', 'POOL-01', 'ESP-DDEEFF', 'esp-ddeeff', 'ESP-ddeeff'])
      expect(user.publishing(`devices/${device}/pump/state`)?.kind).toBe('telemetry')
    expect(user.publishing('DEVICES/pool-01/pump/state')).toBeUndefined()
    expect(user.publishing('devices/pool-01/pump/STATE')).toBeUndefined()
    const tds = rulesOf({ dialect: 'tds' })
    expect(tds.publishing('tds_new/devices/AA:BB:CC:DD:EE:FF/telemetry')?.kind).toBe('telemetry')
  })

  test('what is listed without one comes first', () => {
    const rules = rulesOf({ dialect: 'direction' })
    expect(rules.publishing('aabbccddeeff/status/up')?.kind).toBe('status')
    expect(rules.publishing('aabbccddeeff/climate/up')?.kind).toBe('telemetry')
    expect(rules.receiving('aabbccddeeff/commands/down')?.kind).toBe('commands')
    expect(rules.publishing('aabbccddeeff/climate/down')).toBeUndefined()
    expect(rules.allowsWill('AABBCCDDEEFF/status/up')).toBe(true)
  })
})

describe('names that collide', () => {
  test('give a topic to nobody', () => {
    const aliases = { ...noAliases, topic: 'x' }
    const policy = policyWith(
      gateway({ dialect: 'direction', aliases }),
      gateway({ gatewayId: 'h', wireName: 'h', dialect: 'direction', aliases: { ...aliases, topic: 'X' } }),
    )
    for (const id of ['g', 'h']) {
      expect(policy.find(id)?.rules.publishing('x/climate/up')).toBeUndefined()
      expect(policy.find(id)?.rules.publishing('x/status/up')).toBeUndefined()
      expect(policy.find(id)?.rules.subscribing('x/+/down')).toBeUndefined()
    }
    expect(policy.topics.ownerOf('x/climate/up')).toBeNull()
    policy.apply({ op: 'remove', gatewayId: 'h' })
    expect(policy.find('g')?.rules.publishing('x/climate/up')).toBeDefined()
  })

  test('a name below that of another gateway is nobody’s either', () => {
    const index = new TopicIndex(() => new Set())
    const named = (claim: string): Gateway =>
      ({ rules: { ownTopics: [], claims: [claim], owns: () => true } }) as never
    const [outer, inner] = [named('a'), named('a/b')]
    index.addGateway(outer)
    index.addGateway(inner)
    expect(index.ownerOf('a/b/c')).toBeNull()
    expect(index.isAlone(inner, 'a/b/c')).toBe(false)
    expect(index.isAlone(outer, 'a/c')).toBe(true)
    index.removeGateway(outer)
    expect(index.ownerOf('a/b/c')).toEqual({ kind: 'gateway', gateway: inner })
  })

  test('the first level of something else is no name', () => {
    for (const topic of [
      'mw',
      'MW',
      'clients',
      'users',
      'tenants',
      '$SYS',
      'tds_new',
      'devices',
      '+',
      '#',
      '',
    ]) {
      const rules = rulesOf({ dialect: 'direction', aliases: { ...noAliases, topic } })
      expect(rules.claims).toEqual([])
      expect(rules.publishing(`${topic}/aabbccddeeff/up`)).toBeUndefined()
      expect(rules.subscribing('+/+/down')).toBeUndefined()
    }
  })

  test('a dialect that is saved takes its first level from gateways that are called so', () => {
    const policy = policyWith(gateway({ dialect: 'direction', aliases: { ...noAliases, topic: 'plant' } }))
    const rights = () => policy.find('g')?.rules.publishing('plant/climate/up')?.kind
    expect(rights()).toBe('telemetry')
    const changed = policy.apply({ op: 'put_dialect', dialect: own('plant/{wire}/{metric}') })
    expect(changed.map(({ id }) => id)).toEqual(['g'])
    expect(rights()).toBeUndefined()
    policy.apply({ op: 'remove_dialect', name: 'own' })
    expect(rights()).toBe('telemetry')
  })
})

test('an own dialect that is saved again is the gateway’s at once', () => {
  const policy = policyWith(gateway({ dialect: 'own' }))
  const publishes = (topic: string) => policy.find('g')?.rules.publishing(topic)?.kind
  expect(publishes('mw/aabbccddeeff/telemetry')).toBe('telemetry')
  policy.apply({ op: 'put_dialect', dialect: own('acme/{wire}/{metric}') })
  expect([publishes('mw/aabbccddeeff/telemetry'), publishes('acme/aabbccddeeff/p')]).toEqual([
    undefined,
    'telemetry',
  ])
  const { key } = policy.find('g')?.rules ?? {}
  expect(policy.apply({ op: 'put_dialect', dialect: own('acme/{wire}/{metric}') })).toEqual([])
  expect(policy.find('g')?.rules.key).toBe(key)
  expect(policy.apply({ op: 'put_dialect', dialect: own('acme/{wire}/x/{metric}') })).toHaveLength(1)
  expect(policy.find('g')?.rules.key).not.toBe(key)
  expect(policy.apply({ op: 'put_dialect', dialect: { ...own('other/{wire}/x/{m}'), name: 'two' } })).toEqual(
    [],
  )
})

describe('MQTT clients beside gateways of a user', () => {
  const john = gateway({ dialect: 'user', aliases: { ...noAliases, topic: 'pool', user: 'john' } })

  test('below the name of a gateway the gateway counts, beside it the space', () => {
    const policy = policyWith(john)
    policy.apply({ op: 'put_client', client })
    const one = policy.findClient('c')
    expect(one?.writing('users/john/note')).toBe('own')
    expect(one?.writing('users/john/devices/pool/pump/set')).toBe('commands')
    expect(one?.writing('users/john/devices/pool/pump/state')).toBeNull()
    expect(one?.writing('users/john/devices/pool/else')).toBeNull()
    expect(one?.mayRead('users/john/devices/pool/pump/state')).toBe(true)
    expect(one?.mayRead('devices/esp-ddeeff/pump/state')).toBe(true)
  })

  test('of another tenant it reads nothing of the gateway, whatever its space', () => {
    const policy = policyWith(john)
    policy.apply({ op: 'put_client', client: { ...client, tenantId: 'other' } })
    const one = policy.findClient('c')
    expect(one?.mayRead('users/john/devices/pool/pump/state')).toBe(false)
    expect(one?.writing('users/john/devices/pool/pump/set')).toBeNull()
    expect(one?.writing('users/john/note')).toBe('own')
  })

  test('clients may command gateways of each dialect', () => {
    const policy = policyWith(
      gateway({ dialect: 'slots', aliases: { ...noAliases, topic: 'G', tenant: 'T' } }),
      gateway({ gatewayId: 'h', wireName: 'h', dialect: 'direction' }),
    )
    policy.apply({ op: 'put_client', client })
    const one = policy.findClient('c')
    expect(one?.writing('tenants/T/devices/G/commands/reset')).toBe('commands')
    expect(one?.writing('h/commands/down')).toBe('commands')
    expect(one?.writing('h/config/down')).toBe('twin_desired')
    for (const topic of [
      'h/ota/down',
      'h/climate/up',
      'tenants/T/devices/G/events/x',
      'tenants/T/devices/X/commands',
    ])
      expect(one?.writing(topic)).toBeNull()
  })
})

function own(pattern: string): DialectDefinition {
  return {
    name: 'own',
    title: 'x',
    clientIds: ['wire'],
    topics: [
      { direction: 'to_site', pattern, kind: 'telemetry', codec: { format: 'bare', channel: '{metric}' } },
    ],
  }
}
