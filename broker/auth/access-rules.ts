import type { Dialect, ToGateway, TopicRule, ToSite } from '#broker/dialects/dialect.ts'
import { sharedTopics, topicOf } from '#broker/dialects/dialects.ts'
import { namesOf, type TopicOwner } from '#broker/dialects/topic-names.ts'
import type { TopicName } from '#contract/model/dialect.ts'
import { claimLength, isTopicLevel } from '#contract/model/topic-pattern.ts'

/** What a level of a topic must be: this text, one of these names in any case, anything, or anything from here on. */
type Level = string | ReadonlySet<string> | typeof OPEN | typeof REST
const OPEN = Symbol('open')
const REST = Symbol('rest')
const CANONICAL_ROOT = 'mw'

interface Bound {
  rule: TopicRule
  levels: readonly Level[]
}

export interface AccessContext {
  /** First levels that no gateway is called by, in small letters. */
  roots: ReadonlySet<string>
  /** Whether nobody else has a name at the beginning of this topic. */
  isAlone(topic: string): boolean
}

/**
 * What one gateway may publish and receive: its dialect's topics with its own names filled in, and nothing else.
 * Everything that is not listed is denied, `$SYS` and foreign names among it.
 */
export class AccessRules {
  /** The same where nothing of its topics changed. */
  readonly key: string
  /** Topics without an open level and with one spelling: found at once. */
  private readonly exact = new Map<string, TopicRule>()
  private readonly bound: Bound[] = []
  /** Every topic with a name of the gateway in it, where they can be listed. */
  readonly ownTopics: string[] = []
  /**
   * The beginnings of its topics to the last name, in small letters: what lies below is its alone. Empty where all its topics
   * are in `ownTopics`.
   */
  readonly claims: string[]
  private readonly context: AccessContext

  constructor({ name, revision, topics }: Dialect, owner: TopicOwner, context: AccessContext) {
    this.context = context
    const claims = new Set<string>()
    for (const rule of topics) {
      if (sharedTopics.has(rule.pattern)) this.exact.set(rule.pattern, rule)
      else this.bind(rule, owner, claims)
    }
    this.claims = [...claims]
    this.key = [name, revision, owner.wireName, ...this.claims].join(' ')
  }

  /** The rule by which the gateway may publish to this topic. */
  publishing(topic: string): ToSite | undefined {
    const rule = this.find(topic, 'to_site')
    return rule?.direction === 'to_site' ? rule : undefined
  }

  allowsWill(topic: string): boolean {
    return this.publishing(topic)?.will === true
  }

  /** The rule by which the gateway may be sent a message with this topic. */
  receiving(topic: string): ToGateway | undefined {
    const rule = this.find(topic, 'to_gateway')
    return rule?.direction === 'to_gateway' ? rule : undefined
  }

  /**
   * The rule by which the gateway may subscribe to this filter: one of its topics, or several at once where its dialect leaves
   * a level open, with `+` or `#` there and nowhere else.
   */
  subscribing(filter: string): ToGateway | undefined {
    if (!/[+#]/.test(filter)) return this.receiving(filter)
    const levels = filter.split('/')
    const found = this.bound.find(
      ({ rule, levels: ours }) => rule.direction === 'to_gateway' && isWithin(levels, ours),
    )
    return found?.rule.direction === 'to_gateway' && this.context.isAlone(filter) ? found.rule : undefined
  }

  /** Whether it is one of the gateway's topics, in either direction; not those that all share. */
  owns(topic: string): boolean {
    if (this.claims.length === 0) return this.exact.has(topic) && !sharedTopics.has(topic)
    const levels = topic.split('/')
    return this.bound.some(({ levels: ours }) => matches(levels, ours))
  }

  private find(topic: string, direction: TopicRule['direction']): TopicRule | undefined {
    const exact = this.exact.get(topic)
    if (exact && (this.claims.length === 0 || sharedTopics.has(topic)))
      return exact.direction === direction ? exact : undefined
    if (this.claims.length === 0) return undefined
    const rule = exact?.direction === direction ? exact : this.match(topic, direction)
    return rule && this.context.isAlone(topic) ? rule : undefined
  }

  private match(topic: string, direction: TopicRule['direction']): TopicRule | undefined {
    const levels = topic.split('/')
    return this.bound.find(({ rule, levels: ours }) => rule.direction === direction && matches(levels, ours))
      ?.rule
  }

  private bind(rule: TopicRule, owner: TopicOwner, claims: Set<string>): void {
    const [root] = rule.levels
    // Wire names are nobody else's, and no other dialect has topics there: no claim is needed, and many gateways cost little.
    if (root?.kind === 'text' && root.text === CANONICAL_ROOT) this.list(rule, owner)
    else this.claim(rule, owner, claims)
  }

  private list(rule: TopicRule, owner: TopicOwner): void {
    const topic = topicOf(rule, owner)
    if (topic === null) return
    this.exact.set(topic, rule)
    this.ownTopics.push(topic)
  }

  private claim(rule: TopicRule, owner: TopicOwner, claims: Set<string>): void {
    const length = claimLength(rule.levels)
    // No name at all: nobody's.
    if (length === 0) return
    const levels: Level[] = []
    // Its usual spelling, and in small letters every spelling of its beginning.
    const usual: string[] = []
    let beginnings: string[][] = [[]]
    for (const [index, level] of rule.levels.entries()) {
      if (level.kind === 'open' || level.kind === 'rest') {
        levels.push(level.kind === 'open' ? OPEN : REST)
        continue
      }
      const texts = level.kind === 'text' ? [level.text] : this.names(level.name, index, owner)
      // Without a name there is no such topic.
      if (texts[0] === undefined) return
      usual.push(texts[0])
      const folded = new Set(texts.map((text) => text.toLowerCase()))
      levels.push(level.kind === 'text' ? level.text : folded)
      if (index < length)
        beginnings = beginnings.flatMap((before) => Array.from(folded, (text) => [...before, text]))
    }
    this.bound.push({ rule, levels })
    if (usual.length === levels.length) this.exact.set(usual.join('/'), rule)
    for (const beginning of beginnings) claims.add(beginning.join('/'))
  }

  /** As a first level a name must be nobody else's by design: neither the broker's, a dialect's, nor of MQTT clients. */
  private names(name: TopicName, index: number, owner: TopicOwner): string[] {
    const names = namesOf(name, owner)
    const { roots } = this.context
    return index > 0 ? names : names.filter((one) => !one.startsWith('$') && !roots.has(one.toLowerCase()))
  }
}

function matches(topic: readonly string[], levels: readonly Level[]): boolean {
  for (const [index, level] of levels.entries()) {
    // `#` stands for the level above too [MQTT-4.7.1-2].
    if (level === REST) return topic.slice(index).every(isFilled)
    const text = topic[index]
    if (text === undefined || !fits(text, level)) return false
  }
  return topic.length === levels.length
}

function fits(text: string, level: Exclude<Level, typeof REST>): boolean {
  if (level === OPEN) return isFilled(text)
  return typeof level === 'string' ? level === text : level.has(text.toLowerCase())
}

function isFilled(text: string): boolean {
  return isTopicLevel(text)
}

/** Whether a filter with wildcards takes nothing but topics of these levels. */
function isWithin(filter: readonly string[], levels: readonly Level[]): boolean {
  for (const [index, level] of levels.entries()) {
    if (level === REST)
      return filter
        .slice(index)
        .every((text, at, all) => text === '+' || isFilled(text) || (text === '#' && at === all.length - 1))
    const text = filter[index]
    if (text === undefined) return false
    if (!(level === OPEN && text === '+') && !fits(text, level)) return false
  }
  return filter.length === levels.length
}
