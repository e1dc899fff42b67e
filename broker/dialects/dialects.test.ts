import { describe, expect, test } from 'vitest'
import { dialectProblems } from '#contract/model/dialect-problems.ts'
import { builtInDialects, DialectBook } from './dialect-book.ts'
import { allowsClientId, clientIdFor, topicsFor } from './dialects.ts'
import type { TopicOwner } from './topic-names.ts'

const book = new DialectBook()
const noAliases = { topic: null, tenant: null, user: null, clientId: null, username: null }
const owner: TopicOwner = {
  gatewayId: '0190-g',
  tenantId: '0190-t',
  wireName: 'a0b1c2a1b2c3',
  mac: 'a0:b1:c2:a1:b2:c3',
  label: 'ESP-A1B2C3',
  aliases: noAliases,
}
const aliased: TopicOwner = {
  ...owner,
  aliases: { topic: 'pool-01', tenant: 'acme', user: 'john', clientId: 'esp32', username: 'x' },
}
const topics = (name: string, of = owner) => topicsFor(book.get(name), of)

describe('the topics of a gateway follow from its dialect', () => {
  test('canonical: of its wire name, whatever it is called else', () => {
    expect(topics('canonical')).toMatchObject({
      telemetry: 'mw/a0b1c2a1b2c3/telemetry',
      commands: 'mw/a0b1c2a1b2c3/commands',
      time: 'mw/time',
    })
    expect(topics('canonical', aliased)).toEqual(topics('canonical'))
    expect(topics('no such dialect')).toEqual(topics('canonical'))
  })

  test('tds (001): of its MAC with colons', () => {
    expect(topics('tds')).toEqual({
      telemetry: 'tds_new/devices/a0:b1:c2:a1:b2:c3/telemetry',
      status: 'tds_new/devices/a0:b1:c2:a1:b2:c3/status',
      logs: 'tds_new/devices/a0:b1:c2:a1:b2:c3/logs',
      commands: 'tds_new/devices/a0:b1:c2:a1:b2:c3/commands',
    })
    expect(topics('tds', { ...owner, mac: null, wireName: 'id' }).telemetry).toBe(
      'tds_new/devices/id/telemetry',
    )
    expect(topics('tds', aliased).logs).toBe('tds_new/devices/pool-01/logs')
  })

  test('slots (000): below its tenant', () => {
    expect(topics('slots', aliased)).toEqual({
      telemetry: 'tenants/acme/devices/pool-01/telemetry/slot/{n}',
      status: 'tenants/acme/devices/pool-01/status',
      events: 'tenants/acme/devices/pool-01/events/#',
      commands: 'tenants/acme/devices/pool-01/commands/#',
    })
    expect(topics('slots').status).toBe('tenants/0190-t/devices/a0b1c2a1b2c3/status')
  })

  test('direction (002): at the first level', () => {
    expect(topics('direction')).toMatchObject({
      telemetry: 'a0b1c2a1b2c3/{category}/up',
      commands: 'a0b1c2a1b2c3/commands/down',
      command_ack: 'a0b1c2a1b2c3/commands/up',
    })
  })

  test('user (003): below its user where it has one, else of its label', () => {
    expect(topics('user').telemetry).toBe('devices/ESP-A1B2C3/{metric}/state')
    expect(topics('user', aliased)).toEqual({
      telemetry: 'users/john/devices/pool-01/{metric}/state',
      status: 'users/john/devices/pool-01/status',
      commands: 'users/john/devices/pool-01/{metric}/set',
    })
  })

  test('a name that can be no level of a topic makes none', () => {
    for (const topic of ['', 'a/b', '+', '#', 'a+', 'x\0y', 'x\ny', '\ud800', 'x'.repeat(129)])
      expect(topics('direction', { ...owner, aliases: { ...noAliases, topic } })).toEqual({})
  })
})

test('client ids', () => {
  const allows = (name: string, id: string, of = owner) => allowsClientId(book.get(name), of, id)
  expect(allows('canonical', 'a0b1c2a1b2c3')).toBe(true)
  for (const id of [owner.mac ?? '', '', 'A0B1C2A1B2C3', 'esp32'])
    expect(allows('canonical', id, aliased)).toBe(false)
  for (const id of ['A0:B1:C2:A1:B2:C3', 'a0:b1:c2:a1:b2:c3', 'a0b1c2a1b2c3'])
    expect(allows('tds', id)).toBe(true)
  expect(allows('tds', 'null', { ...owner, mac: null })).toBe(false)
  expect(allows('tds', 'esp32')).toBe(false)
  expect(allows('tds', 'esp32', aliased)).toBe(true)
  for (const id of ['0190-G', 'esp-a1b2c3', owner.mac ?? '']) expect(allows('direction', id)).toBe(true)
  expect(allows('direction', 'other')).toBe(false)
  for (const name of ['slots', 'user']) for (const id of ['mosq-123', '']) expect(allows(name, id)).toBe(true)
  expect(clientIdFor(book.get('tds'), owner)).toBe(owner.mac)
  expect(clientIdFor(book.get('tds'), { ...owner, mac: null })).toBe(owner.wireName)
  expect(clientIdFor(book.get('slots'), aliased)).toBe('esp32')
  expect(clientIdFor(book.get('canonical'), aliased)).toBe(owner.wireName)
})

test('the built-in dialects would pass as own ones, but for the roots that are reserved', () => {
  for (const dialect of builtInDialects) {
    const others = builtInDialects.filter((other) => other !== dialect)
    const problems = dialectProblems(dialect, others)
    expect(dialect.name === 'canonical' ? new Set(problems.map(({ code }) => code)) : problems).toEqual(
      dialect.name === 'canonical' ? new Set(['root_reserved']) : [],
    )
  }
})

describe('the book', () => {
  const own = (pattern: string, name = 'acme') => ({
    name,
    title: 'x',
    clientIds: ['wire' as const],
    topics: [
      {
        direction: 'to_site' as const,
        pattern,
        kind: 'telemetry' as const,
        codec: { format: 'values' as const },
      },
    ],
  })

  test('takes own dialects, and keeps those of the site as they are', () => {
    const mine = new DialectBook()
    mine.put(own('acme/{gateway}/data'))
    mine.put(own('evil/{gateway}/data', 'canonical'))
    expect(mine.get('acme').topics).toHaveLength(1)
    expect(mine.roots.has('acme')).toBe(true)
    expect(mine.get('canonical').definition).toBe(builtInDialects[0])
    mine.remove('acme')
    mine.remove('canonical')
    expect([mine.has('acme'), mine.has('canonical'), mine.roots.has('acme')]).toEqual([false, true, false])
  })

  test('whoever saved it: a topic that must not be opens nothing', () => {
    for (const pattern of [
      'mw/{gateway}/telemetry',
      '#',
      'clients/{gateway}',
      '$SYS/{gateway}',
      'tenants/{gateway}/x',
    ]) {
      const mine = new DialectBook()
      mine.put(own(pattern))
      expect(mine.get('acme').topics).toEqual([])
    }
  })
})
