import {
  type CodecDefinition,
  type DialectDefinition,
  identifyingNames,
  PATTERN_LEVELS_MAX,
  type TopicRuleDefinition,
} from './dialect.ts'
import { claimLength, type PatternLevel, parsePattern, templateFields } from './topic-pattern.ts'

/** What keeps a dialect from being used. `topic`: of which of its topics, counted from 0. */
export interface DialectProblem {
  code: DialectProblemCode
  topic: number | null
  /** The pattern, dialect, field … that it is about. */
  subject: string
}

export const dialectProblemCodes = [
  'pattern_invalid',
  'too_many_levels',
  'no_name',
  'open_before_name',
  'open_twice',
  'root_reserved',
  'overlaps_dialect',
  'overlaps_topic',
  'unreachable',
  'both_directions',
  'subtree_kind',
  'codec_missing',
  'codec_unexpected',
  'channel_invalid',
  'channel_field_unknown',
  'channel_not_distinct',
  'no_telemetry',
] as const
export type DialectProblemCode = (typeof dialectProblemCodes)[number]

/** First levels that no own dialect has: the site's own topics, and the spaces of MQTT clients. */
const reservedRoots = ['mw', 'clients']
/** What all gateways hear, whoever they are. */
const sharedTopics = new Set(['mw/time'])
/** Kinds of which nothing is read from the topic below its pattern. */
const subtreeKinds = new Set(['events', 'logs', 'commands'])

interface Parsed {
  index: number
  rule: TopicRuleDefinition
  levels: PatternLevel[]
}

/**
 * Everything that is wrong with a dialect, beside the others of the site: nothing that passes can give a gateway topics of
 * another one, for each topic begins with levels that name its gateway, and no two dialects read them differently.
 */
export function dialectProblems(
  definition: DialectDefinition,
  others: readonly DialectDefinition[],
): DialectProblem[] {
  const problems: DialectProblem[] = []
  const parsed: Parsed[] = []
  for (const [index, rule] of definition.topics.entries()) {
    const levels = parsePattern(rule.pattern)
    const found =
      levels === null
        ? [{ code: 'pattern_invalid', subject: rule.pattern } as const]
        : topicProblems(rule, levels)
    problems.push(...found.map((problem) => ({ ...problem, topic: index })))
    if (levels !== null && !sharedTopics.has(rule.pattern)) parsed.push({ index, rule, levels })
  }
  if (!definition.topics.some(({ kind }) => kind === 'telemetry'))
    problems.push({ code: 'no_telemetry', topic: null, subject: definition.name })
  return [...problems, ...problemsAmong(parsed), ...problemsBeside(parsed, definition.name, others)]
}

type Found = Omit<DialectProblem, 'topic'>

function topicProblems(rule: TopicRuleDefinition, levels: PatternLevel[]): Found[] {
  const { pattern } = rule
  if (rule.direction === 'to_gateway' && sharedTopics.has(pattern)) return []
  const found: Found[] = []
  if (levels.length > PATTERN_LEVELS_MAX) found.push({ code: 'too_many_levels', subject: pattern })
  const fixed = levels.slice(0, claimLength(levels))
  const identifying: readonly string[] = identifyingNames
  if (!fixed.some((level) => level.kind === 'name' && identifying.includes(level.name)))
    found.push({ code: 'no_name', subject: pattern })
  if (fixed.some(({ kind }) => kind === 'open')) found.push({ code: 'open_before_name', subject: pattern })
  const [root] = levels
  if (root?.kind === 'text' && (root.text.startsWith('$') || reservedRoots.includes(root.text.toLowerCase())))
    found.push({ code: 'root_reserved', subject: root.text })
  if (levels.at(-1)?.kind === 'rest' && !subtreeKinds.has(rule.kind))
    found.push({ code: 'subtree_kind', subject: pattern })
  const open = openNames(levels)
  const twice = open.find((name, index) => open.indexOf(name) !== index)
  if (twice !== undefined) found.push({ code: 'open_twice', subject: twice })
  if (rule.direction === 'to_gateway') return found
  const isTelemetry = rule.kind === 'telemetry'
  if (isTelemetry && !rule.codec) found.push({ code: 'codec_missing', subject: pattern })
  if (!isTelemetry && rule.codec) found.push({ code: 'codec_unexpected', subject: pattern })
  return isTelemetry && rule.codec ? [...found, ...codecProblems(rule.codec, open)] : found
}

function openNames(levels: readonly PatternLevel[]): string[] {
  return levels.flatMap((level) => (level.kind === 'open' ? [level.name] : []))
}

function codecProblems(codec: CodecDefinition, open: readonly string[]): Found[] {
  if (codec.format === 'values' || codec.format === 'valor') return []
  const { channel, format } = codec
  const fields = templateFields(channel)
  if (fields === null) return [{ code: 'channel_invalid', subject: channel }]
  const given = [...open]
  if (format === 'object') given.push('key')
  if (format === 'value_object' && codec.name !== undefined) given.push('name')
  const unknown = fields.filter((field) => !given.includes(field))
  if (unknown.length > 0)
    return unknown.map((field) => ({ code: 'channel_field_unknown', subject: `{${field}}` }))
  // Of two values under one name and time the later one would replace the other.
  const lacking = given.filter((field) => !fields.includes(field))
  return lacking.map((field) => ({ code: 'channel_not_distinct', subject: `{${field}}` }))
}

/** Two of its own topics: each must be reached, in one direction, and name the gateway at one place. */
function problemsAmong(parsed: readonly Parsed[]): DialectProblem[] {
  const problems: DialectProblem[] = []
  const inOrder = [...parsed].sort((a, b) => openness(a.levels) - openness(b.levels) || a.index - b.index)
  for (const [position, { index, rule, levels }] of inOrder.entries()) {
    for (const earlier of inOrder.slice(0, position)) {
      const subject = earlier.rule.pattern
      const topic = index
      if (isNested(levels, earlier.levels)) problems.push({ code: 'overlaps_topic', topic, subject })
      else if (earlier.rule.direction !== rule.direction) {
        // One within the other is what firmware with flat topics has: each direction is looked up by itself.
        if (covers(levels, earlier.levels) && covers(earlier.levels, levels))
          problems.push({ code: 'both_directions', topic, subject })
      } else if (covers(earlier.levels, levels)) problems.push({ code: 'unreachable', topic, subject })
    }
  }
  return problems
}

/** The order in which a topic is looked for: those without an open level first. */
export function openness(levels: readonly PatternLevel[]): 0 | 1 {
  return levels.some(({ kind }) => kind === 'open' || kind === 'rest') ? 1 : 0
}

function problemsBeside(
  parsed: readonly Parsed[],
  own: string,
  others: readonly DialectDefinition[],
): DialectProblem[] {
  return parsed.flatMap(({ index, levels }) =>
    others.flatMap((other) => {
      const isOverlapping = other.name !== own && patternsOf(other).some((theirs) => isNested(levels, theirs))
      return isOverlapping ? [{ code: 'overlaps_dialect' as const, topic: index, subject: other.name }] : []
    }),
  )
}

/** Of the others: each is looked at for every topic of the one, again and again while a person types. */
const parsedPatterns = new WeakMap<DialectDefinition, PatternLevel[][]>()

function patternsOf(definition: DialectDefinition): PatternLevel[][] {
  const known = parsedPatterns.get(definition)
  if (known) return known
  const patterns = definition.topics.flatMap(({ pattern }) => {
    const levels = sharedTopics.has(pattern) ? null : parsePattern(pattern)
    return levels === null ? [] : [levels]
  })
  parsedPatterns.set(definition, patterns)
  return patterns
}

/**
 * Whether the names of one could lie below, or be read as something else by, the other: `a/{gateway}` and
 * `a/{tenant}/{gateway}`, or `a/{gateway}` and `a/b/{gateway}`. A name is never the first level of a dialect, so at the
 * beginning a text and a name are told apart.
 */
function isNested(one: readonly PatternLevel[], other: readonly PatternLevel[]): boolean {
  const a = one.slice(0, claimLength(one))
  const b = other.slice(0, claimLength(other))
  let isMixed = false
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [mine, theirs] = [a[at], b[at]]
    if (mine?.kind === 'text' && theirs?.kind === 'text') {
      if (mine.text.toLowerCase() !== theirs.text.toLowerCase()) return false
    } else if (mine?.kind !== theirs?.kind) {
      if (at === 0) return false
      isMixed = true
    }
  }
  return isMixed || a.length !== b.length
}

/** Whether every topic of `inner` is one of `outer`. */
function covers(outer: readonly PatternLevel[], inner: readonly PatternLevel[]): boolean {
  for (const [at, level] of outer.entries()) {
    if (level.kind === 'rest') return true
    const other = inner[at]
    if (other === undefined || other.kind === 'rest') return false
    if (level.kind === 'text' && !(other.kind === 'text' && other.text === level.text)) return false
    if (level.kind === 'name' && !(other.kind === 'name' && other.name === level.name)) return false
    if (level.kind === 'open' && other.kind === 'name') return false
  }
  return outer.length === inner.length
}
