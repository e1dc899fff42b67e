import { signInNamesOf } from '#broker/auth/sign-in-names.ts'
import type { TopicRule } from '#broker/dialects/dialect.ts'
import type { DialectBook } from '#broker/dialects/dialect-book.ts'
import { allowsClientId, clientIdFor } from '#broker/dialects/dialects.ts'
import { namesOf, type TopicOwner } from '#broker/dialects/topic-names.ts'
import { wireName } from '#contract/model/ids.ts'
import { aliasesOf } from '#features/fleet/index.ts'
import type { AccessGateway, GatewayAccess, GatewayRights } from '#features/sync/index.ts'

/**
 * What a broker in the cloud lets gateways in by and to, from the code that the broker of the site decides by. Names that count
 * in any case here are told as they are usually spelt and in small letters, for a broker there compares them as they are.
 */
export function gatewayAccess(book: Pick<DialectBook, 'get' | 'roots'>): GatewayAccess {
  return {
    accessOf(gateway: AccessGateway): GatewayRights {
      const owner: TopicOwner = {
        ...gateway,
        gatewayId: gateway.id,
        wireName: wireName(gateway),
        aliases: aliasesOf(gateway),
      }
      const dialect = book.get(gateway.dialect)
      return {
        usernames: spellings(owner),
        clientIds: dialect.clientIds.includes('any') ? [null] : clientIdsOf(dialect, owner),
        topics: dialect.topics.flatMap((rule) => filtersOf(rule, owner, book.roots)),
      }
    },
  }
}

function spellings(owner: TopicOwner): string[] {
  const { wireName: wire, gatewayId, mac, label, aliases } = owner
  const usual = [aliases.username, wire, gatewayId, mac, label, aliases.topic].filter((name) => name !== null)
  const known = signInNamesOf(owner)
  return [...new Set([...usual.filter((name) => known.has(name.toLowerCase())), ...known])]
}

function clientIdsOf(dialect: Parameters<typeof clientIdFor>[0], owner: TopicOwner): string[] {
  const { wireName: wire, gatewayId, mac, label, aliases } = owner
  const candidates = [clientIdFor(dialect, owner), wire, gatewayId, mac, label, aliases.clientId]
  const both = candidates.filter((id) => id !== null).flatMap((id) => [id, id.toLowerCase()])
  return [...new Set(both)].filter((id) => allowsClientId(dialect, owner, id))
}

/** A rule's topic for every name that may stand in it; what the gateway fills is `+` or `#` (broker/auth/access-rules.ts). */
function filtersOf(rule: TopicRule, owner: TopicOwner, roots: ReadonlySet<string>): GatewayRights['topics'] {
  let filters: string[][] = [[]]
  for (const [index, level] of rule.levels.entries()) {
    const texts =
      level.kind === 'text'
        ? [level.text]
        : level.kind === 'name'
          ? namesOf(level.name, owner).filter((name) => index > 0 || !isReserved(name, roots))
          : [level.kind === 'rest' ? '#' : '+']
    const spelt = level.kind === 'name' && level.name !== 'wire' ? withSmall(texts) : texts
    filters = filters.flatMap((before) => spelt.map((text) => [...before, text]))
  }
  const isPublished = rule.direction === 'to_site'
  const isOpenWhilePending = rule.kind === (isPublished ? 'command_ack' : 'commands')
  return filters.map((levels) => ({
    action: isPublished ? ('publish' as const) : ('subscribe' as const),
    topic: levels.join('/'),
    ...(isOpenWhilePending && { pending: true as const }),
  }))
}

function withSmall(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => [text, text.toLowerCase()]))]
}

/** As a first level a name is nobody else's: neither the broker's nor a dialect's. */
function isReserved(name: string, roots: ReadonlySet<string>): boolean {
  return name.startsWith('$') || roots.has(name.toLowerCase())
}
