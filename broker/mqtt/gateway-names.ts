import type { AccessRules } from '#broker/auth/access-rules.ts'
import type { Gateway } from '#broker/auth/gateway.ts'
import type { Policy } from '#broker/auth/policy.ts'
import type { RetainedMessages } from '#broker/persistence/retained-messages.ts'
import type { PolicyChange } from '#broker/port.ts'

type Retained = Pick<RetainedMessages, 'remove' | 'removeUnderAnyCase' | 'removeInTurns'>

/** Removes the retained messages of a gateway's topics, of all or of those that are to go. Gone from the broker when it returns. */
export async function removeRetained(
  rules: AccessRules,
  retained: Retained,
  goes: (topic: string) => boolean = () => true,
): Promise<void> {
  await Promise.all([
    retained.remove(rules.ownTopics.filter(goes)),
    retained.removeUnderAnyCase(rules.claims, (topic) => rules.owns(topic) && goes(topic)),
  ])
}

/** What gateways were called before a change. */
export type NamesBefore = ReadonlyMap<Gateway, AccessRules>

/** The rules of the gateways that these changes may call by other names. */
export function namesBefore(changes: PolicyChange[], policy: Policy): NamesBefore {
  const isOfDialect = changes.some(({ op }) => op === 'put_dialect' || op === 'remove_dialect')
  const known = isOfDialect
    ? [...policy.allGateways()]
    : changes.flatMap((change) => (change.op === 'put' ? (policy.find(change.identity.gatewayId) ?? []) : []))
  return new Map(known.map((gateway) => [gateway, gateway.rules]))
}

/** Removes retained messages from topics that a gateway has no more: they are no other's, who may be called so next. */
export async function forgetOldNames(before: NamesBefore, retained: Retained, policy: Policy): Promise<void> {
  const renamed = [...before].filter(([gateway, rules]) => gateway.rules.key !== rules.key)
  const isLeft = (gateway: Gateway, topic: string): boolean => {
    const owner = policy.topics.ownerOf(topic)
    return !(owner?.kind === 'gateway' && owner.gateway === gateway)
  }
  const [first] = renamed
  if (first === undefined) return
  if (renamed.length === 1) {
    const [gateway, rules] = first
    await removeRetained(rules, retained, (topic) => isLeft(gateway, topic))
    return
  }
  // A dialect changed, and with it all that speak it: one look at what is retained, for there may be much of both.
  const listed = renamed.flatMap(([gateway, rules]) =>
    rules.ownTopics.filter((topic) => isLeft(gateway, topic)),
  )
  const holders = byClaim(renamed)
  await Promise.all([
    retained.remove(listed),
    retained.removeInTurns((topic) =>
      holdersOf(topic, holders).some(([gateway, rules]) => rules.owns(topic) && isLeft(gateway, topic)),
    ),
  ])
}

type Renamed = [Gateway, AccessRules]

function byClaim(renamed: readonly Renamed[]): ReadonlyMap<string, Renamed[]> {
  const holders = new Map<string, Renamed[]>()
  for (const one of renamed)
    for (const claim of one[1].claims) {
      const known = holders.get(claim)
      if (known) known.push(one)
      else holders.set(claim, [one])
    }
  return holders
}

/** Those with a name at the beginning of the topic. */
function holdersOf(topic: string, holders: ReadonlyMap<string, Renamed[]>): Renamed[] {
  const folded = topic.toLowerCase()
  const found: Renamed[] = []
  for (let end = folded.indexOf('/'); ; end = folded.indexOf('/', end + 1)) {
    found.push(...(holders.get(end === -1 ? folded : folded.slice(0, end)) ?? []))
    if (end === -1) return found
  }
}
