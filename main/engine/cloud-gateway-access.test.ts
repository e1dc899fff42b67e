import { expect, test } from 'vitest'
import { AccessRules } from '#broker/auth/access-rules.ts'
import { builtInDialects, DialectBook } from '#broker/dialects/dialect-book.ts'
import { allowsClientId } from '#broker/dialects/dialects.ts'
import { wireName } from '#contract/model/ids.ts'
import { aliasesOf } from '#features/fleet/index.ts'
import { gatewayAccess } from './cloud-gateway-access.ts'

const book = new DialectBook()
const aliases = { topic: 'Pump-1', tenant: 'Acme', user: 'u7', client_id: 'Old-Id', username: 'Joe' }
const gateways = builtInDialects.flatMap(({ name }) =>
  [{}, aliases].map((given) => ({
    id: '01890000-0000-7000-8000-000000000001',
    tenantId: '01890000-0000-7000-8000-0000000000aa',
    mac: 'aa:bb:cc:dd:ee:ff',
    label: 'ESP-DDEEFF',
    dialect: name,
    aliases: JSON.stringify(given),
  })),
)

test.each(gateways)(
  '$dialect $aliases: what is told of topics is what the broker of the site allows',
  (gateway) => {
    const owner = {
      ...gateway,
      gatewayId: gateway.id,
      wireName: wireName(gateway),
      aliases: aliasesOf(gateway),
    }
    const dialect = book.get(gateway.dialect)
    const rules = new AccessRules(dialect, owner, { roots: book.roots, isAlone: () => true })
    const { topics, clientIds } = gatewayAccess(book).accessOf(gateway)
    expect(topics.length).toBeGreaterThan(0)
    for (const { action, topic, pending } of topics) {
      const filled = topic.replaceAll('+', 'any').replace(/#$/, 'some/thing')
      const rule = action === 'publish' ? rules.publishing(filled) : rules.receiving(filled)
      const isCommand = rule?.kind === (action === 'publish' ? 'command_ack' : 'commands')
      expect({ topic, allowed: rule !== undefined, pending: isCommand }).toEqual({
        topic,
        allowed: true,
        pending: pending === true,
      })
      if (action === 'subscribe') expect(rules.subscribing(topic)).toBeDefined()
    }
    // Every rule that the broker has of it is told.
    for (const topic of rules.ownTopics) expect(topics.map((one) => one.topic)).toContain(topic)
    const told = new Set(topics.map(({ action }) => action))
    expect(told.has('publish')).toBe(dialect.topics.some(({ direction }) => direction === 'to_site'))
    if (dialect.clientIds.includes('any')) expect(clientIds).toEqual([null])
    else expect(clientIds.every((id) => id !== null && allowsClientId(dialect, owner, id))).toBe(true)
  },
)

test('the topics of a gateway with a MAC and nothing else', () => {
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('there is one')
  const { topics, clientIds, usernames } = gatewayAccess(book).accessOf(gateway)
  expect(topics).toContainEqual({ action: 'publish', topic: 'mw/aabbccddeeff/telemetry' })
  expect(topics).toContainEqual({ action: 'subscribe', topic: 'mw/aabbccddeeff/commands', pending: true })
  expect(topics).toContainEqual({ action: 'subscribe', topic: 'mw/time' })
  expect(clientIds).toEqual(['aabbccddeeff'])
  expect(usernames).toEqual(
    expect.arrayContaining(['aabbccddeeff', 'aa:bb:cc:dd:ee:ff', 'ESP-DDEEFF', 'esp-ddeeff']),
  )
})
