import type { GatewayMessageKind } from '#broker/port.ts'
import type { ClientIdForm, DialectDefinition, TopicRuleDefinition } from '#contract/model/dialect.ts'
import { openness } from '#contract/model/dialect-problems.ts'
import { type PatternLevel, parsePattern } from '#contract/model/topic-pattern.ts'
import type { Codec, Fields } from './codec.ts'
import { codecOf } from './codecs.ts'
import { type DialectRates, defaultRates } from './message-rates.ts'

/** One topic of a dialect, ready for use. Rights and decoding both follow from these. */
export type TopicRule = ToSite | ToGateway

interface Rule {
  pattern: string
  levels: readonly PatternLevel[]
  /** What the gateway fills: each by its name, and at which level. */
  open: readonly { name: string; level: number }[]
}

export interface ToSite extends Rule {
  direction: 'to_site'
  kind: 'telemetry' | GatewayMessageKind
  /** How the payload becomes readings; telemetry only. */
  decode: Codec | null
  will: boolean
}

export interface ToGateway extends Rule {
  direction: 'to_gateway'
  kind: 'commands' | 'twin_desired' | 'ota' | 'time'
}

/** A topic layout and payload codec that a gateway speaks. */
export interface Dialect {
  name: string
  /** Another one for each time that it was saved. */
  revision: number
  definition: DialectDefinition
  clientIds: readonly ClientIdForm[]
  /** Those without an open level first: the first that fits a topic counts. */
  topics: readonly TopicRule[]
  rates: DialectRates
}

/** @param definition topics of it that are no pattern are left out */
export function compileDialect(definition: DialectDefinition, revision = 0): Dialect {
  const { name, clientIds, rates } = definition
  const topics = definition.topics.flatMap(ruleOf)
  topics.sort((a, b) => openness(a.levels) - openness(b.levels))
  return { name, revision, definition, clientIds, topics, rates: ratesOf(rates) }
}

function ruleOf(rule: TopicRuleDefinition): TopicRule[] {
  const levels = parsePattern(rule.pattern)
  if (levels === null) return []
  const open = levels.flatMap((level, index) =>
    level.kind === 'open' ? [{ name: level.name, level: index }] : [],
  )
  const common = { pattern: rule.pattern, levels, open }
  if (rule.direction === 'to_gateway') return [{ ...common, direction: rule.direction, kind: rule.kind }]
  const decode = rule.kind === 'telemetry' ? codecOf(rule.codec ?? { format: 'values' }) : null
  return [{ ...common, direction: rule.direction, kind: rule.kind, decode, will: rule.will === true }]
}

function ratesOf(rates: DialectDefinition['rates']): DialectRates {
  if (!rates) return defaultRates
  return { gateway: rates.gateway, ...(rates.topic && { topic: rates.topic }) }
}

const nothing: Fields = {}

/** What stands at the open levels of a topic of this rule. */
export function fieldsOf({ open }: Rule, topic: string): Fields {
  if (open.length === 0) return nothing
  const levels = topic.split('/')
  return Object.fromEntries(open.map(({ name, level }) => [name, levels[level] ?? '']))
}
