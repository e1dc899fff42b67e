import { searchText } from './search-text.ts'
import type { TopicEntry } from './topic-book.ts'
import type { GatewayOf } from './topics-port.ts'

/** Whether a topic is what was searched for. */
export type TopicTest = (entry: Pick<TopicEntry, 'topic' | 'text' | 'owner'>) => boolean

/** Whether it is a topic filter with a wildcard, and not text or a topic. */
export function isFilter(filter: string): boolean {
  return /[+#]/.test(filter)
}

/**
 * A topic filter where it has a wildcard; else text that the topic has in it, or code, name or label of its gateway.
 *
 * @example topicTest('mw/+/status', gateway)
 */
export function topicTest(filter: string, gateway: GatewayOf): TopicTest {
  const trimmed = filter.trim()
  if (trimmed === '') return () => true
  if (isFilter(trimmed)) {
    const matches = filterMatcher(trimmed)
    return ({ topic }) => matches(topic)
  }
  const searched = searchText(trimmed)
  return ({ text, owner }) => {
    if (text.includes(searched)) return true
    if (owner.kind !== 'gateway') return false
    const row = gateway(owner.gatewayId)
    return [row?.code, row?.name, row?.label].some((name) => name && searchText(name).includes(searched))
  }
}

/** MQTT 3.1.1 4.7: `+` stands for one level, `#` for the rest, the level above included. */
export function filterMatcher(filter: string): (topic: string) => boolean {
  const levels = filter.split('/')
  return (topic) => {
    if (filter === topic) return true
    const parts = topic.split('/')
    for (const [index, level] of levels.entries()) {
      if (level === '#') return true
      const part = parts[index]
      if (part === undefined || (level !== '+' && level !== part)) return false
    }
    return levels.length === parts.length
  }
}
