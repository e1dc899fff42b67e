import { type TopicName, topicNames } from './dialect.ts'

/**
 * One level of a topic pattern: text as it stands, a name of the gateway (`{gateway}`), a level that the gateway fills
 * (`{n}`), or `#` for it and all below.
 */
export type PatternLevel =
  | { kind: 'text'; text: string }
  | { kind: 'name'; name: TopicName }
  | { kind: 'open'; name: string }
  | { kind: 'rest' }

const known = new Set<string>(topicNames)
/** No part of a topic's level: MQTT's separators and wildcards [MQTT-4.7.1-1], NUL [MQTT-4.7.3-2] and other control characters. */
const forbidden = /[/+#\u0000-\u001f\u007f-\u009f]/

/** Whether a text may stand as one level of a topic. */
export function isTopicLevel(text: string): boolean {
  return text.length > 0 && text.length <= 128 && !forbidden.test(text) && text.isWellFormed()
}

/** @returns null where it is no pattern: a wildcard in the wrong place, an empty level, a broken placeholder */
export function parsePattern(pattern: string): PatternLevel[] | null {
  const texts = pattern.split('/')
  const levels: PatternLevel[] = []
  for (const [index, text] of texts.entries()) {
    const level = text === '#' && index > 0 && index === texts.length - 1 ? rest : levelOf(text)
    if (level === null) return null
    levels.push(level)
  }
  return levels
}

const rest: PatternLevel = { kind: 'rest' }

/** Whether a level of a topic with its names filled in is one that was left open, as `{n}`. */
export function isOpenLevel(text: string): boolean {
  return placeholder.test(text)
}

const placeholder = /^\{([a-z][a-zA-Z0-9]{0,31})\}$/

function levelOf(text: string): PatternLevel | null {
  const [, name] = placeholder.exec(text) ?? []
  if (name !== undefined)
    return known.has(name) ? { kind: 'name', name: name as TopicName } : { kind: 'open', name }
  return isTopicLevel(text) && !/[{}]/.test(text) ? { kind: 'text', text } : null
}

/** Names in braces of a channel template, in order; null where its braces are broken. */
export function templateFields(template: string): string[] | null {
  const fields = Array.from(template.matchAll(/\{([a-z][a-zA-Z0-9]{0,31})\}/g), ([, name]) => name ?? '')
  return /[{}]/.test(template.replace(/\{[a-z][a-zA-Z0-9]{0,31}\}/g, '')) ? null : fields
}

/** How many levels say whose a topic is: all to its last name. 0: it has none. */
export function claimLength(levels: readonly PatternLevel[]): number {
  return levels.findLastIndex(({ kind }) => kind === 'name') + 1
}
