import type { TopicKind } from '#contract/model/dialect.ts'
import type { Dialect, TopicRule } from './dialect.ts'
import { builtInDialects } from './dialect-book.ts'
import { namesOf, type TopicOwner } from './topic-names.ts'

/** Topics without a name in them: the same for all gateways of a dialect, such as the time. */
export const sharedTopics: ReadonlySet<string> = new Set(
  builtInDialects.flatMap(({ topics }) =>
    topics.map(({ pattern }) => pattern).filter((pattern) => !pattern.includes('{')),
  ),
)

/**
 * The topic of a rule for one gateway; what the gateway fills stays open (`{n}`, `#`).
 *
 * @returns null where the gateway has no such name
 */
export function topicOf({ levels }: TopicRule, owner: TopicOwner): string | null {
  const texts: string[] = []
  for (const level of levels) {
    if (level.kind === 'name') {
      const [name] = namesOf(level.name, owner)
      if (name === undefined) return null
      texts.push(name)
    } else if (level.kind === 'text') texts.push(level.text)
    else texts.push(level.kind === 'rest' ? '#' : `{${level.name}}`)
  }
  return texts.join('/')
}

/**
 * The topics of a gateway by what they are for, as its configuration needs them (`config.json` of the ZIP): of several of one
 * kind the first. What the gateway fills stays in braces.
 *
 * @example topicsFor(book.get('canonical'), owner).telemetry // 'mw/aabbccddeeff/telemetry'
 */
export function topicsFor(dialect: Dialect, owner: TopicOwner): Partial<Record<TopicKind, string>> {
  const topics: Partial<Record<TopicKind, string>> = {}
  for (const { kind, pattern } of dialect.definition.topics) {
    const rule = dialect.topics.find((one) => one.pattern === pattern && one.kind === kind)
    const topic = rule ? topicOf(rule, owner) : null
    if (topic !== null) topics[kind] ??= topic
  }
  return topics
}

/** The client id that a gateway's configuration should use: the first form of its dialect that it has. */
export function clientIdFor({ clientIds }: Dialect, owner: TopicOwner): string {
  for (const form of clientIds) {
    const id = form === 'any' ? null : idOf(form, owner)
    if (id !== null) return id
  }
  return owner.wireName
}

/** Whether the gateway may connect under this client id. MACs, ids and labels are compared without regard to case. */
export function allowsClientId({ clientIds }: Dialect, owner: TopicOwner, clientId: string): boolean {
  return clientIds.some((form) => {
    if (form === 'any') return true
    const id = idOf(form, owner)
    if (id === null || clientId === '') return false
    return form === 'wire' || form === 'alias' ? id === clientId : id.toLowerCase() === clientId.toLowerCase()
  })
}

function idOf(
  form: 'wire' | 'mac' | 'id' | 'label' | 'alias',
  { wireName, mac, gatewayId, label, aliases }: TopicOwner,
): string | null {
  switch (form) {
    case 'wire':
      return wireName
    case 'mac':
      return mac
    case 'id':
      return gatewayId
    case 'label':
      return label
    case 'alias':
      return aliases.clientId
  }
}
