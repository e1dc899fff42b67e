import { AccessRules } from '#broker/auth/access-rules.ts'
import { isTopicLevel } from '#contract/model/topic-pattern.ts'
import type { DialectBook } from './dialect-book.ts'
import { namesOf, type TopicOwner } from './topic-names.ts'

/** A gateway as its topics need it. */
export interface NamedGateway extends TopicOwner {
  dialect: string
}

/**
 * Why a gateway cannot have its names: one that can be no level of a topic, one that is the first level of something else
 * (`mw`, `clients`, `$SYS`), or one with which its topics would be those of another gateway.
 */
export type AliasProblem = { gatewayId: string; value: string } & (
  | { problem: 'invalid'; kind: 'topic' | 'tenant' | 'user' }
  | { problem: 'reserved' }
  | { problem: 'taken'; by: string }
)

/**
 * The first that is wrong with the names of gateways, with the aliases and dialects that they are to have. The broker opens
 * nothing where names collide; this tells a person before.
 *
 * @param all the gateways of the site as they are to be, these among them; those of the canonical dialect may be left out, and
 * those of whom no name is a level of the claims of these
 */
export function aliasProblem(
  book: DialectBook,
  gateways: readonly NamedGateway[],
  all: Iterable<NamedGateway>,
): AliasProblem | null {
  for (const gateway of gateways) {
    const problem = invalidName(gateway) ?? reservedName(book, gateway)
    if (problem) return problem
  }
  return takenName(book, gateways, all)
}

function invalidName({ gatewayId, aliases }: NamedGateway): AliasProblem | null {
  for (const kind of ['topic', 'tenant', 'user'] as const) {
    const value = aliases[kind]
    if (value !== null && (!isTopicLevel(value) || value.startsWith('$')))
      return { problem: 'invalid', gatewayId, kind, value }
  }
  return null
}

/** At the first level, where the dialect has a name there. */
function reservedName(book: DialectBook, gateway: NamedGateway): AliasProblem | null {
  for (const { levels } of book.get(gateway.dialect).topics) {
    const [root] = levels
    if (root?.kind !== 'name') continue
    const value = namesOf(root.name, gateway).find((name) => book.roots.has(name.toLowerCase()))
    if (value !== undefined) return { problem: 'reserved', gatewayId: gateway.gatewayId, value }
  }
  return null
}

function takenName(
  book: DialectBook,
  gateways: readonly NamedGateway[],
  all: Iterable<NamedGateway>,
): AliasProblem | null {
  const asked = new Set(gateways.map(({ gatewayId }) => gatewayId))
  const holders = new Map<string, string[]>()
  for (const gateway of all)
    for (const claim of claimsOf(book, gateway)) {
      const known = holders.get(claim)
      if (known) known.push(gateway.gatewayId)
      else holders.set(claim, [gateway.gatewayId])
    }
  for (const [claim, ids] of holders) {
    const together = [...ids, ...above(claim).flatMap((parent) => holders.get(parent) ?? [])]
    const gatewayId = together.find((id) => asked.has(id))
    const by = together.find((id) => id !== gatewayId)
    if (gatewayId !== undefined && by !== undefined) return { problem: 'taken', gatewayId, value: claim, by }
  }
  return null
}

/** The beginnings of a gateway's topics, to the last name, in small letters (`AccessRules.claims`). */
export function claimsOf(book: DialectBook, gateway: NamedGateway): string[] {
  return new AccessRules(book.get(gateway.dialect), gateway, { roots: book.roots, isAlone: () => true })
    .claims
}

/** `a/b/c`: `a/b` and `a`. */
function above(claim: string): string[] {
  const parents: string[] = []
  for (let end = claim.lastIndexOf('/'); end > 0; end = claim.lastIndexOf('/', end - 1))
    parents.push(claim.slice(0, end))
  return parents
}
