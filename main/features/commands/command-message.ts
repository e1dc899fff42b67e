import { isOpenLevel } from '#contract/model/topic-pattern.ts'
import type { CommandTable } from '#platform/db/enrollment-schema.ts'

type Sent = Pick<CommandTable, 'id' | 'name' | 'args' | 'expiresAt'>

/**
 * What a gateway is sent (domain.md, MQTT topics): `{id, name, args, expiresAt}`, `expiresAt` in ms since 1970, on its
 * commands topic. Where the dialect leaves a part of that topic open, as `commands/#` or `{metric}/set`, the command's name
 * stands there; and a device that is set by a bare value (`{metric}/set`) gets the argument `value` as it is.
 *
 * @param patterns topics of commands in the gateway's dialect, the usual one first
 * @param filters what the gateway subscribes to; left out: whatever comes
 * @returns null where it subscribes to none of them
 */
export function commandMessage(
  patterns: readonly string[],
  command: Sent,
  filters?: readonly string[],
): { topic: string; payload: string } | null {
  for (const pattern of patterns) {
    const levels = pattern.split('/')
    const usual = levels.map((level) => (level === '#' || isOpen(level) ? command.name : level))
    const places = [usual]
    // `#` stands for the level above too [MQTT-4.7.1-2], and some listen only there.
    if (levels.at(-1) === '#') places.push(usual.slice(0, -1))
    for (const place of places) {
      const topic = filters === undefined ? place.join('/') : asSubscribed(place, filters)
      if (topic !== null) return { topic, payload: payloadOf(levels, command) }
    }
  }
  return null
}

function isOpen(level: string): boolean {
  return level === '+' || isOpenLevel(level)
}

/** The topic in the gateway's own spelling: names of gateways stand in any case. Null where no filter takes it. */
function asSubscribed(usual: readonly string[], filters: readonly string[]): string | null {
  for (const filter of filters) {
    const topic = aligned(usual, filter.split('/'))
    if (topic !== null) return topic.join('/')
  }
  return null
}

/** MQTT 3.1.1 4.7: `+` takes one level, `#` the rest. */
function aligned(usual: readonly string[], filter: readonly string[]): string[] | null {
  const topic: string[] = []
  for (const [at, level] of filter.entries()) {
    if (level === '#') return [...topic, ...usual.slice(at)]
    const text = usual[at]
    if (text === undefined) return null
    if (level !== '+' && level.toLowerCase() !== text.toLowerCase()) return null
    topic.push(level === '+' ? text : level)
  }
  return topic.length === usual.length ? topic : null
}

function payloadOf(levels: readonly string[], { id, name, args, expiresAt }: Sent): string {
  const given = JSON.parse(args) as Record<string, unknown>
  const isBare = levels.some(isOpen) && Object.keys(given).length === 1 && isPlain(given.value)
  return isBare ? String(given.value) : JSON.stringify({ id, name, args: given, expiresAt })
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
}
