import {
  type CodecDefinition,
  type DialectDefinition,
  DialectDefinitionSchema,
  type TopicRuleDefinition,
} from '#contract/model/dialect.ts'

/** A dialect as it is edited. `version` null: it is not saved yet. */
export interface Draft {
  definition: DialectDefinition
  version: number | null
}

/** A message of the trial. `key` tells rows apart. */
export interface Sample {
  key: number
  topic: string
  payload: string
  encoding: 'text' | 'base64'
}

export const newTopic: TopicRuleDefinition = {
  direction: 'to_site',
  pattern: '',
  kind: 'telemetry',
  codec: { format: 'value_object', channel: 'value' },
}

/** A start from nothing: one topic for readings and one for commands. */
export const newDefinition: DialectDefinition = {
  name: '',
  title: '',
  clientIds: ['alias', 'mac', 'wire'],
  topics: [
    {
      direction: 'to_site',
      pattern: 'plant/{gateway}/{metric}/value',
      kind: 'telemetry',
      codec: { format: 'bare', channel: '{metric}' },
    },
    { direction: 'to_site', pattern: 'plant/{gateway}/status', kind: 'status', will: true },
    { direction: 'to_gateway', pattern: 'plant/{gateway}/commands/#', kind: 'commands' },
  ],
}

/** A copy under a name that is not taken. */
export function copyOf(definition: DialectDefinition, taken: readonly string[]): Draft {
  const stem = definition.name.slice(0, 24)
  let name = `${stem}-copy`
  for (let n = 2; taken.includes(name); n += 1) name = `${stem}-copy-${n}`
  return { definition: { ...structuredClone(definition), name }, version: null }
}

/** The definition where its form is right; else what is wrong first, as the schema says it. */
export function checked(definition: DialectDefinition): {
  definition: DialectDefinition | null
  issue: string | null
} {
  const parsed = DialectDefinitionSchema.safeParse(definition)
  if (parsed.success) return { definition: parsed.data, issue: null }
  const [issue] = parsed.error.issues
  return { definition: null, issue: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` }
}

/** The topic for another direction or purpose, with what it needs then. */
export function withKind(rule: TopicRuleDefinition, kind: TopicRuleDefinition['kind']): TopicRuleDefinition {
  const { pattern } = rule
  switch (kind) {
    case 'commands':
    case 'twin_desired':
    case 'ota':
    case 'time':
      return { direction: 'to_gateway', pattern, kind }
    case 'telemetry': {
      const codec = rule.direction === 'to_site' ? rule.codec : undefined
      return { direction: 'to_site', pattern, kind, codec: codec ?? { format: 'bare', channel: 'value' } }
    }
    default:
      return { direction: 'to_site', pattern, kind, ...(kind === 'status' && { will: true }) }
  }
}

/** Another format, with as much of the old one as it has a use for. */
export function withFormat(codec: CodecDefinition, format: CodecDefinition['format']): CodecDefinition {
  if (format === 'values' || format === 'valor') return { format }
  const channel = 'channel' in codec ? codec.channel : 'value'
  if (format === 'bare') return { format, channel: channel.replaceAll(/\/?\{(key|name)\}/g, '') || 'value' }
  const timed = {
    ...('time' in codec && codec.time && { time: codec.time }),
    ...('timeUnit' in codec && codec.timeUnit && { timeUnit: codec.timeUnit }),
    ...('items' in codec && codec.items !== undefined && { items: codec.items }),
  }
  if (format === 'value_object')
    return { format, channel: channel.replaceAll(/\/?\{key\}/g, '') || 'value', ...timed }
  const own = channel.replaceAll('{name}', '{key}')
  return {
    format,
    channel: own.includes('{key}') ? own : own === 'value' ? '{key}' : `${own}/{key}`,
    ...timed,
  }
}

/** `TOPIC PAYLOAD` a line, or `TOPIC=PAYLOAD`: what one copies from a log or a command. */
export function samplesOf(text: string, firstKey: number): Sample[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line, index) => {
      const [, topic = line, payload = ''] = /^(\S+?)(?:\s+|=)(.*)$/.exec(line) ?? []
      return { key: firstKey + index, topic, payload, encoding: 'text' }
    })
}
