/**
 * Whether a topic filter matches a topic name. MQTT 3.1.1 4.7: `+` stands for one level, `#` for the rest, the
 * level above included; neither matches a first level that begins with `$` [MQTT-4.7.2-1].
 */
export function matchesFilter(filter: string, topic: string): boolean {
  if (filter === topic) return true
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false
  const filterLevels = filter.split('/')
  const topicLevels = topic.split('/')
  for (const [index, level] of filterLevels.entries()) {
    if (level === '#') return true
    if (index >= topicLevels.length) return false
    if (level !== '+' && level !== topicLevels[index]) return false
  }
  return filterLevels.length === topicLevels.length
}

/** What every topic that the filter matches begins with. */
export function fixedPrefix(filter: string): string {
  const wildcard = filter.search(/[+#]/)
  if (wildcard === -1) return filter
  // `a/#` also matches `a`.
  return filter.slice(0, wildcard).replace(/\/$/, '')
}

export function hasWildcard(filter: string): boolean {
  return /[+#]/.test(filter)
}
