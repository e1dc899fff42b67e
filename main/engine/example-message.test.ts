import { expect, test } from 'vitest'
import { compileDialect } from '#broker/dialects/dialect.ts'
import { builtInDialects } from '#broker/dialects/dialect-book.ts'
import type { TopicOwner } from '#broker/dialects/topic-names.ts'
import type { CodecDefinition, DialectDefinition } from '#contract/model/dialect.ts'
import { exampleFor } from './example-message.ts'

const owner: TopicOwner = {
  gatewayId: '0190a0c0-0000-7000-8000-000000000001',
  tenantId: '0190a0c0-0000-7000-8000-000000000002',
  wireName: 'aabbccddee01',
  mac: 'aa:bb:cc:dd:ee:01',
  label: 'ESP-DDEE01',
  aliases: { topic: null, tenant: null, user: null, clientId: null, username: null },
}
const limits = { valuesPerMessage: 10, textBytes: 100 }

function decoded(definition: DialectDefinition) {
  const dialect = compileDialect(definition)
  const example = exampleFor(dialect, owner)
  const rule = dialect.topics.find(({ kind }) => kind === 'telemetry')
  return {
    topic: example?.topic,
    result:
      rule?.direction === 'to_site'
        ? rule.decode?.(example?.payload ?? '', limits, { n: '0', metric: 'm', category: 'c' })
        : null,
  }
}

test('the example of each dialect is on a topic without open levels, and is read as one reading of 21.4', () => {
  for (const definition of builtInDialects) {
    const { topic, result } = decoded(definition)
    expect(topic).not.toMatch(/[{}#+]/)
    expect({ of: definition.name, ...result }).toMatchObject({
      of: definition.name,
      ok: true,
      readings: [{ value: 21.4 }],
    })
  }
})

test('so is that of own dialects, wherever their value, unit and name stand', () => {
  const codecs: CodecDefinition[] = [
    { format: 'value_object', channel: '{name}', value: '/data/v', unit: '/data/u', name: '/data/called' },
    { format: 'value_object', channel: 'x', value: '', unit: undefined },
    { format: 'value_object', channel: 'x', value: '/a~1b', items: '/list' },
    { format: 'object', channel: '{key}', items: '/list' },
    { format: 'bare', channel: 'x' },
  ]
  for (const codec of codecs) {
    const topics: DialectDefinition['topics'] = [
      { direction: 'to_site', pattern: 'plant/{gateway}/t', kind: 'telemetry', codec },
    ]
    const { topic, result } = decoded({ name: 'own', title: 'Own', clientIds: ['wire'], topics })
    expect(topic).toBe('plant/aabbccddee01/t')
    expect({ codec, ...result }).toMatchObject({ codec, ok: true, readings: [{ value: 21.4 }] })
  }
})

test('a gateway that lacks the name for its readings has none', () => {
  const topics: DialectDefinition['topics'] = [
    {
      direction: 'to_site',
      pattern: 'u/{user}/{gateway}/t',
      kind: 'telemetry',
      codec: { format: 'bare', channel: 'x' },
    },
  ]
  expect(
    exampleFor(compileDialect({ name: 'own', title: 'Own', clientIds: ['wire'], topics }), owner),
  ).toBeNull()
})
