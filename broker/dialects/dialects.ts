import { canonical } from './canonical.ts'
import type { Dialect, TopicKind, TopicRule } from './dialect.ts'
import { tds } from './tds.ts'

const dialects: ReadonlyMap<string, Dialect> = new Map(
  [canonical, tds].map((dialect) => [dialect.name, dialect]),
)

/** Names that a gateway profile may choose. */
export const dialectNames: readonly string[] = [...dialects.keys()]

/** A dialect of that name; `canonical` where this version knows none. */
export function dialectOf(name: string): Dialect {
  return dialects.get(name) ?? canonical
}

/** Topics without a name in them: the same for all gateways of a dialect, such as the time. */
export const sharedTopics: ReadonlySet<string> = new Set(
  [...dialects.values()].flatMap(({ topics }) =>
    topics.map(({ pattern }) => pattern).filter((pattern) => !pattern.includes('{')),
  ),
)

/** First levels of the topics of gateways: nobody else has topics below them. */
export const gatewayTopicRoots: ReadonlySet<string> = new Set(
  [...dialects.values()].flatMap(({ topics }) => topics.map(({ pattern }) => pattern.split('/')[0] ?? '')),
)

/** Who a topic is for: placeholders of a pattern are filled from it. */
export interface TopicOwner {
  wireName: string
  mac: string | null
}

/** The topic of a rule for one gateway. */
export function topicOf(rule: TopicRule, owner: TopicOwner): string {
  return rule.pattern.replace('{gateway}', owner.wireName).replace('{mac}', owner.mac ?? owner.wireName)
}

/**
 * The topics of a gateway by what they are for, as its configuration needs them (`config.json` of the ZIP).
 *
 * @example topicsFor('canonical', 'aabbccddeeff', null).telemetry // 'mw/aabbccddeeff/telemetry'
 */
export function topicsFor(
  dialect: string,
  wireName: string,
  mac: string | null,
): Partial<Record<TopicKind, string>> {
  const topics: Partial<Record<TopicKind, string>> = {}
  for (const rule of dialectOf(dialect).topics) topics[rule.kind] = topicOf(rule, { wireName, mac })
  return topics
}

/** The client id that a gateway's configuration should use: the first form of its dialect. */
export function clientIdFor(dialect: string, wireName: string, mac: string | null): string {
  return dialectOf(dialect).clientIds[0] === 'mac' ? (mac ?? wireName) : wireName
}

/** Whether the gateway may connect under this client id. MACs are compared without regard to case. */
export function allowsClientId(dialect: Dialect, owner: TopicOwner, clientId: string): boolean {
  return dialect.clientIds.some((form) =>
    form === 'wireName' ? clientId === owner.wireName : clientId.toLowerCase() === owner.mac,
  )
}
