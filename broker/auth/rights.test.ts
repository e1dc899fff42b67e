import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Identity, MqttClientIdentity, Reach } from '#broker/port.ts'
import type { MqttClient } from './mqtt-client.ts'
import { Policy } from './policy.ts'
import { reachesClient, reachesGateway } from './reach.ts'

const whole: Reach = { groupIds: null, ownerUserId: null }

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
    aliases: { topic: null, tenant: null, user: null, clientId: null, username: null },
    credential: 'certificate',
    secrets: [],
    awaitsBind: false,
    access: 'allowed',
    certificates: [],
    ...more,
  }
}

function identity(more: Partial<MqttClientIdentity> = {}): MqttClientIdentity {
  return {
    clientId: 'c',
    username: 'scada',
    tenantId: 't',
    access: 'allowed',
    password: null,
    certificates: [],
    reach: whole,
    rights: 'both',
    topics: ['#'],
    prefix: 'clients/scada',
    ...more,
  }
}

function policyWith(gateways: Identity[], clients: MqttClientIdentity[]): (id?: string) => MqttClient {
  const policy = new Policy()
  for (const one of gateways) policy.apply({ op: 'put', identity: one })
  for (const client of clients) policy.apply({ op: 'put_client', client })
  return (id = 'c') => policy.findClient(id) as MqttClient
}

describe('what an MQTT client may do', () => {
  test('it reads all topics of gateways of its tenant, and writes those that gateways take orders on', () => {
    const tds = gateway({
      gatewayId: 'h',
      wireName: '001122334455',
      mac: '00:11:22:33:44:55',
      dialect: 'tds',
    })
    const client = policyWith([gateway(), tds], [identity()])()
    for (const topic of ['telemetry', 'status', 'commands', 'twin/desired', 'ota'])
      expect(client.mayRead(`mw/aabbccddeeff/${topic}`)).toBe(true)
    expect(client.mayRead('tds_new/devices/00:11:22:33:44:55/telemetry')).toBe(true)
    expect(client.mayRead('mw/time')).toBe(true)
    expect(client.writing('mw/aabbccddeeff/commands')).toBe('commands')
    expect(client.writing('mw/aabbccddeeff/twin/desired')).toBe('twin_desired')
    expect(client.writing('tds_new/devices/00:11:22:33:44:55/commands')).toBe('commands')
    expect(client.writing('clients/scada/x')).toBe('own')
    for (const topic of ['telemetry', 'status', 'events', 'commands/ack', 'twin/reported', 'ota', 'other'])
      expect(client.writing(`mw/aabbccddeeff/${topic}`)).toBeNull()
    for (const topic of [
      'mw/time',
      '$SYS/x',
      '',
      'clients',
      'clients/scadax',
      'anything',
      'mw/aabbccddeeff',
    ]) {
      expect(client.writing(topic)).toBeNull()
    }
    for (const topic of ['$SYS/x', 'anything', 'mw/000000000000/telemetry', 'clients/other/x'])
      expect(client.mayRead(topic)).toBe(false)
  })

  test('nothing of another tenant, whatever reach and topics say', () => {
    const foreign = gateway({ tenantId: 'u', groupPath: ['g1'], ownerUserId: 'ana' })
    const theirs = identity({ clientId: 'd', username: 'x', tenantId: 'u', prefix: 'clients/x' })
    for (const reach of [whole, { groupIds: ['g1'], ownerUserId: 'ana' }]) {
      const client = policyWith([foreign], [identity({ reach }), theirs])()
      expect(client.mayRead('mw/aabbccddeeff/telemetry')).toBe(false)
      expect(client.writing('mw/aabbccddeeff/commands')).toBeNull()
      expect(client.mayRead('clients/x/1')).toBe(false)
    }
  })

  test('rights and standing close a direction', () => {
    const can = (more: Partial<MqttClientIdentity>): boolean[] => {
      const client = policyWith([gateway()], [identity(more)])()
      return [client.mayRead('mw/aabbccddeeff/status'), client.writing('mw/aabbccddeeff/commands') !== null]
    }
    expect(can({ rights: 'read' })).toEqual([true, false])
    expect(can({ rights: 'write' })).toEqual([false, true])
    expect(can({ access: 'suspended' })).toEqual([false, false])
  })

  test('topics narrow what is of others, never its own space', () => {
    const client = policyWith([gateway()], [identity({ topics: ['mw/+/telemetry', 'mw/x/#'] })])()
    expect(client.mayRead('mw/aabbccddeeff/telemetry')).toBe(true)
    expect(client.mayRead('mw/aabbccddeeff/status')).toBe(false)
    expect(client.writing('mw/aabbccddeeff/commands')).toBeNull()
    expect(client.mayRead('clients/scada/a/b')).toBe(true)
    expect(client.writing('clients/scada')).toBe('own')
    expect(policyWith([gateway()], [identity({ topics: [] })])().mayRead('mw/aabbccddeeff/telemetry')).toBe(
      false,
    )
  })

  test('groups: those above count, and owners', () => {
    const reads = (reach: Reach, more: Partial<Identity>): boolean =>
      policyWith([gateway(more)], [identity({ reach })])().mayRead('mw/aabbccddeeff/telemetry')
    expect(reads({ groupIds: ['hall'], ownerUserId: null }, { groupPath: ['line', 'hall'] })).toBe(true)
    expect(reads({ groupIds: ['line2'], ownerUserId: null }, { groupPath: ['line', 'hall'] })).toBe(false)
    expect(reads({ groupIds: [], ownerUserId: null }, {})).toBe(false)
    expect(reads({ groupIds: [], ownerUserId: 'ana' }, { ownerUserId: 'ana' })).toBe(true)
    expect(reads({ groupIds: null, ownerUserId: 'ana' }, { ownerUserId: 'bo' })).toBe(false)
  })

  test('a change of gateway or client holds for the next message', () => {
    const policy = new Policy()
    policy.apply({ op: 'put', identity: gateway({ groupPath: ['hall'] }) })
    policy.apply({ op: 'put_client', client: identity({ reach: { groupIds: ['hall'], ownerUserId: null } }) })
    const client = policy.findClient('c')
    const topic = 'mw/aabbccddeeff/telemetry'
    expect(client?.mayRead(topic)).toBe(true)
    policy.apply({ op: 'put', identity: gateway({ groupPath: ['yard'] }) })
    expect(client?.mayRead(topic)).toBe(false)
    policy.apply({ op: 'put_client', client: identity() })
    expect(client?.mayRead(topic)).toBe(true)
    policy.apply({ op: 'put', identity: gateway({ wireName: 'ffffffffffff' }) })
    expect(client?.mayRead(topic)).toBe(false)
    policy.apply({ op: 'remove', gatewayId: 'g' })
    expect(client?.mayRead('mw/ffffffffffff/telemetry')).toBe(false)
  })
})

describe('own topic spaces', () => {
  test('clients of one person share a prefix; of two tenants it is nobody’s', () => {
    const [one, other] = [
      identity({ prefix: 'users/ana' }),
      identity({ clientId: 'd', username: 'd', prefix: 'users/ana' }),
    ]
    const shared = policyWith([], [one, other])
    expect([shared('c').writing('users/ana/x'), shared('d').mayRead('users/ana/x')]).toEqual(['own', true])
    const torn = policyWith([], [one, { ...other, tenantId: 'u' }])
    expect([torn('c').writing('users/ana/x'), torn('d').mayRead('users/ana/x')]).toEqual([null, false])
  })

  test('the innermost space counts', () => {
    const clients = [
      identity({ prefix: 'users/ana', reach: { groupIds: [], ownerUserId: 'ana' } }),
      identity({
        clientId: 'd',
        username: 'd',
        prefix: 'users/ana/phone',
        reach: { groupIds: [], ownerUserId: 'bo' },
      }),
    ]
    const policy = policyWith([], clients)
    expect(policy('c').mayRead('users/ana/phone/x')).toBe(false)
    expect(policy('d').mayRead('users/ana/phone/x')).toBe(true)
    expect(policy('c').writing('users/ana/laptop')).toBe('own')
  })

  test('no prefix gives topics of gateways, of the broker, or a wildcard', () => {
    for (const prefix of [
      '',
      '/',
      '/x',
      'x/',
      'mw',
      'mw/aabbccddeeff',
      'tds_new/x',
      '$SYS',
      '$share/x',
      '#',
      'a/+',
      'a/#',
      'tenants/x',
      'devices',
      'MW/x',
    ])
      expect(new Policy().topics.isPrefix(prefix)).toBe(false)
    for (const prefix of ['clients/scada', 'users/ana', 'anything'])
      expect(new Policy().topics.isPrefix(prefix)).toBe(true)
    const client = policyWith([], [identity({ prefix: 'mw/ffffffffffff' })])()
    expect(client.writing('mw/ffffffffffff/status')).toBeNull()
  })
})

const ids = fc.subarray(['g1', 'g2', 'g3', 'g4'])
const reach: fc.Arbitrary<Reach> = fc.record({
  groupIds: fc.option(ids),
  ownerUserId: fc.option(fc.constantFrom('ana', 'bo')),
})

test('whoever reads the space of another client sees every gateway that the other sees', () => {
  fc.assert(
    fc.property(
      reach,
      reach,
      ids,
      fc.option(fc.constantFrom('ana', 'bo')),
      (one, other, groupPath, ownerUserId) => {
        if (!reachesClient(one, { reach: other })) return
        expect(
          reachesGateway(one, { groupPath, ownerUserId }) ||
            !reachesGateway(other, { groupPath, ownerUserId }),
        ).toBe(true)
      },
    ),
  )
})
