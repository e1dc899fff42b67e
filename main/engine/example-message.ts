import type { Dialect } from '#broker/dialects/dialect.ts'
import { topicOf } from '#broker/dialects/dialects.ts'
import type { TopicOwner } from '#broker/dialects/topic-names.ts'
import { assertNever } from '#contract/errors.ts'
import type { CodecDefinition } from '#contract/model/dialect.ts'

export interface ExampleMessage {
  topic: string
  payload: string
}

/** A first reading in a gateway's dialect, to try it with; null where the gateway has no topic for readings. */
export function exampleFor(dialect: Dialect, owner: TopicOwner): ExampleMessage | null {
  for (const definition of dialect.definition.topics) {
    if (definition.direction !== 'to_site' || definition.kind !== 'telemetry') continue
    const rule = dialect.topics.find(({ pattern }) => pattern === definition.pattern)
    const topic = rule ? topicOf(rule, owner) : null
    if (topic === null) continue
    return {
      topic: topic.replace(/\{[^{}]*\}/g, exampleLevel),
      payload: examplePayload(definition.codec, owner),
    }
  }
  return null
}

const exampleLevels: Readonly<Record<string, string>> = { '{n}': '0', '{category}': 'sensors' }

/** What could stand at an open level. */
function exampleLevel(placeholder: string): string {
  return exampleLevels[placeholder] ?? 'temperature'
}

function examplePayload(codec: CodecDefinition | undefined, owner: TopicOwner): string {
  switch (codec?.format) {
    case undefined:
    case 'values':
      return '{"values": {"temperature": 21.4}}'
    case 'valor':
      return `{"valor": 21.4, "unidade": "°C", "gateway_mac": "${owner.mac ?? owner.wireName}"}`
    case 'value_object':
      return placed(
        codec.items,
        [codec.value ?? '/value', 21.4],
        [codec.unit, '°C'],
        [codec.name, 'temperature'],
      )
    case 'object':
      return placed(codec.items, ['/temperature', 21.4])
    case 'bare':
      return '21.4'
    default:
      return assertNever(codec)
  }
}

/** JSON with these values at these places (RFC 6901), all below `base`; a place that is not said is left out. */
function placed(base = '', ...values: [pointer: string | undefined, value: string | number][]): string {
  let root: unknown
  for (const [pointer, value] of values)
    if (pointer !== undefined) root = put(root, keysOf(base + pointer), value)
  return JSON.stringify(root)
}

function put(at: unknown, [key, ...deeper]: string[], value: string | number): unknown {
  if (key === undefined) return value
  const known = typeof at === 'object' && at !== null ? (at as Record<string, unknown>) : {}
  return { ...known, [key]: put(known[key], deeper, value) }
}

function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}
