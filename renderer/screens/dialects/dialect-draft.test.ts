import { expect, test } from 'vitest'
import { dialectProblems } from '#contract/model/dialect-problems.ts'
import { checked, copyOf, newDefinition, samplesOf, withFormat, withKind } from './dialect-draft.ts'

test('a new dialect is right once it has a name, and a copy has one of its own', () => {
  expect(checked(newDefinition).issue).toMatch(/^name: /)
  const named = { ...newDefinition, name: 'acme', title: 'Acme' }
  expect(checked(named).definition).toEqual(named)
  expect(dialectProblems(named, [])).toEqual([])
  expect(copyOf(named, ['acme']).definition.name).toBe('acme-copy')
  expect(copyOf(named, ['acme', 'acme-copy', 'acme-copy-2']).definition.name).toBe('acme-copy-3')
  expect(copyOf({ ...named, name: 'x'.repeat(32) }, []).definition.name.length).toBeLessThanOrEqual(32)
  expect(copyOf(named, []).version).toBeNull()
})

test('another purpose or format keeps what it can use', () => {
  const [topic] = newDefinition.topics
  if (!topic) throw new Error('there is one')
  expect(withKind(topic, 'commands')).toEqual({
    direction: 'to_gateway',
    pattern: topic.pattern,
    kind: 'commands',
  })
  expect(withKind(withKind(topic, 'status'), 'telemetry')).toMatchObject({ codec: { format: 'bare' } })
  const codec = { format: 'object', channel: '{metric}/{key}', time: ['/ts'] } as const
  const object = { ...codec, time: [...codec.time] }
  expect(withFormat(object, 'value_object')).toEqual({
    format: 'value_object',
    channel: '{metric}',
    time: ['/ts'],
  })
  expect(withFormat({ format: 'bare', channel: '{metric}' }, 'object')).toEqual({
    format: 'object',
    channel: '{metric}/{key}',
  })
  expect(withFormat(object, 'valor')).toEqual({ format: 'valor' })
  expect(withFormat({ format: 'values' }, 'object')).toEqual({ format: 'object', channel: '{key}' })
})

test('messages are read from what one pastes', () => {
  expect(samplesOf('a/b/c {"value": 42}\n\n x/y=3.5\r\nalone', 7)).toEqual([
    { key: 7, topic: 'a/b/c', payload: '{"value": 42}', encoding: 'text' },
    { key: 8, topic: 'x/y', payload: '3.5', encoding: 'text' },
    { key: 9, topic: 'alone', payload: '', encoding: 'text' },
  ])
})
