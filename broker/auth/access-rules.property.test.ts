import fc from 'fast-check'
import { expect, test } from 'vitest'
import { builtInDialects } from '#broker/dialects/dialect-book.ts'
import { namesOf } from '#broker/dialects/topic-names.ts'
import { matchesFilter } from '#broker/persistence/topic-filter.ts'
import type { Identity } from '#broker/port.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import { Policy } from './policy.ts'

const noAliases = { topic: null, tenant: null, user: null, clientId: null, username: null }

function gateway(more: Partial<Identity> = {}): Identity {
  return {
    gatewayId: 'g',
    assignmentId: 'a',
    tenantId: 't',
    groupPath: [],
    ownerUserId: null,
    wireName: 'aabbccddeeff',
    mac: 'aa:bb:cc:dd:ee:ff',
    label: 'ESP-DDEEFF',
    dialect: 'canonical',
    aliases: noAliases,
    credential: 'certificate',
    secrets: [],
    awaitsBind: false,
    access: 'allowed',
    certificates: [],
    ...more,
  }
}

/** The same rights, told slowly: a regular expression for each topic, and for each beginning that names a gateway. */
const ownDialect: DialectDefinition = {
  name: 'own',
  title: 'x',
  clientIds: ['wire'],
  topics: [
    {
      direction: 'to_site',
      pattern: 'acme/{gateway}/in/{m}',
      kind: 'telemetry',
      codec: { format: 'bare', channel: '{m}' },
    },
    { direction: 'to_gateway', pattern: 'acme/{gateway}/set/#', kind: 'commands' },
  ],
}
const definitions = [...builtInDialects, ownDialect]
const roots = ['mw', 'clients', 'users', 'tenants', 'tds_new', 'devices', 'acme']

function naive(identities: readonly Identity[], id: string, topic: string): string[] {
  const levels = topic.split('/')
  const beginnings = identities.flatMap((identity) =>
    patternsOf(identity).map(({ claim }) => ({
      owner: identity.gatewayId,
      claim: new RegExp(`^${claim}(/|$)`, 'i'),
    })),
  )
  const mine = identities.find(({ gatewayId }) => gatewayId === id)
  if (!mine) return []
  return patternsOf(mine).flatMap(({ whole, rule, claim }) => {
    if (!levels.every((level) => !/[+#\0]/.test(level))) return []
    if (!new RegExp(`^${whole}$`, 'u').test(topic)) return []
    const isShared = mine.dialect !== 'canonical' && claim !== ''
    if (isShared && beginnings.some(({ owner, claim: other }) => owner !== id && other.test(topic))) return []
    return [`${rule.direction} ${rule.kind}`]
  })
}

function patternsOf(identity: Identity) {
  const definition = definitions.find(({ name }) => name === identity.dialect)
  return (definition?.topics ?? []).flatMap((rule) => {
    let variants = [{ whole: '', claim: '', open: false }]
    const levels = rule.pattern.split('/')
    const last = levels.findLastIndex((level) =>
      /^\{(wire|gateway|mac|id|label|device|tenant|user)\}$/.test(level),
    )
    for (const [index, level] of levels.entries()) {
      const name = /^\{(wire|gateway|mac|id|label|device|tenant|user)\}$/.exec(level)?.[1]
      const slash = index === 0 ? '' : '/'
      let texts = [escaped(level)]
      if (name) {
        texts = namesOf(name as 'wire', identity)
          .filter((one) => index > 0 || !(roots.includes(one.toLowerCase()) || one.startsWith('$')))
          .map((one) => (identity.dialect === 'canonical' ? escaped(one) : `(?i:${escaped(one)})`))
      } else if (level === '#') texts = ['REST']
      else if (level.startsWith('{')) texts = ['[^/+#\\0]+']
      variants = variants.flatMap(({ whole, claim }) =>
        texts.map((text) => ({
          whole: text === 'REST' ? `${whole}(/[^/]+)*` : `${whole}${slash}${text}`,
          claim: index <= last ? `${claim}${slash}${text}` : claim,
          open: false,
        })),
      )
    }
    // Canonical topics are of wire names, which are nobody else's.
    return variants.map(({ whole, claim }) => ({
      whole,
      rule,
      claim: identity.dialect === 'canonical' || last === -1 ? '(?!)' : claim,
    }))
  })
}

function escaped(text: string): string {
  return text.replace(
    /[$()*+.?[\\\]^{|}\u0000]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const names = fc.constantFrom(
  'a',
  'A',
  'b',
  'a0',
  'mw',
  'users',
  'acme',
  '$x',
  'a/b',
  '+',
  '#',
  'x',
  'up',
  '\0',
)
const alias = fc.option(names)
const identities = fc.uniqueArray(
  fc.record({
    gatewayId: fc.constantFrom('g1', 'g2', 'g3'),
    wireName: fc.constantFrom('w1', 'w2', 'w3', 'a', 'b'),
    label: fc.constantFrom('A', 'L1', 'l2'),
    tenantId: fc.constantFrom('t', 'a'),
    dialect: fc.constantFrom(...definitions.map(({ name }) => name)),
    aliases: fc.record({ topic: alias, tenant: alias, user: alias }),
  }),
  { selector: ({ wireName }) => wireName },
)
const level = fc.oneof(
  names,
  fc.constantFrom(
    'w1',
    'w2',
    't',
    'L1',
    'devices',
    'tenants',
    'tds_new',
    'telemetry',
    'slot',
    'status',
    'state',
    'set',
  ),
  fc.constantFrom('commands', 'events', 'down', 'climate', '', 'mac', 'clients', 'time'),
)
/** How a topic is made that comes near to those of a gateway: whose pattern, and what to fill in where not its names. */
const plan = fc.record({
  of: fc.nat(2),
  rule: fc.nat(20),
  fills: fc.array(level, { minLength: 6, maxLength: 6 }),
  wrong: fc
    .array(fc.boolean(), { minLength: 6, maxLength: 6 })
    .map((all) => all.map((one, at) => one && at % 3 === 0)),
})
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never
type DrawnIdentities = typeof identities extends fc.Arbitrary<infer T> ? T : never

function topicOfPlan(all: readonly Identity[], { of, rule, fills, wrong }: Plan): string {
  const identity = all[of % all.length] ?? gateway()
  const topics = definitions.find(({ name }) => name === identity.dialect)?.topics ?? []
  const { pattern = '' } = topics[rule % topics.length] ?? {}
  return pattern
    .split('/')
    .map((text, at) => {
      const name = /^\{(wire|gateway|mac|id|label|device|tenant|user)\}$/.exec(text)?.[1]
      const [known] = name && !wrong[at] ? namesOf(name as 'wire', identity) : []
      return known ?? (/[{#]/.test(text) ? (fills[at] ?? '') : text)
    })
    .join('/')
}

function policyOf(drawn: DrawnIdentities): { policy: Policy; all: Identity[] } {
  const unique = [...new Map(drawn.map((one) => [one.gatewayId, one])).values()]
  const all = unique.map(({ aliases, ...one }) =>
    gateway({ ...one, mac: null, aliases: { ...noAliases, ...aliases } }),
  )
  const policy = new Policy()
  policy.apply({ op: 'put_dialect', dialect: ownDialect })
  for (const identity of all) policy.apply({ op: 'put', identity })
  return { policy, all }
}

test('rights are those of the slow way of telling', () => {
  let granted = 0
  fc.assert(
    fc.property(identities, fc.array(plan, { minLength: 1, maxLength: 20 }), (drawn, plans) => {
      const { policy, all } = policyOf(drawn)
      for (const topic of plans.map((one) => topicOfPlan(all, one))) {
        for (const { gatewayId } of all) {
          const rules = policy.find(gatewayId)?.rules
          const told = naive(all, gatewayId, topic).map((right) => right.split(' ')[0])
          granted += told.length
          expect([topic, rules?.publishing(topic) !== undefined]).toEqual([topic, told.includes('to_site')])
          expect([topic, rules?.receiving(topic) !== undefined]).toEqual([topic, told.includes('to_gateway')])
        }
      }
    }),
    { numRuns: 150 },
  )
  expect(granted).toBeGreaterThan(100)
})

test('a filter that is granted matches no topic that is not the gateway’s to receive', () => {
  let judged = 0
  const wildcards = fc.record({ wild: fc.array(fc.nat(8), { maxLength: 2 }), rest: fc.boolean() })
  fc.assert(
    fc.property(
      identities,
      plan,
      wildcards,
      fc.array(plan, { minLength: 20, maxLength: 20 }),
      (drawn, ...more) => {
        const [first, { wild, rest }, others] = more
        const { policy, all } = policyOf(drawn)
        const levels = topicOfPlan(all, first)
          .split('/')
          .map((text, at) => (wild.includes(at) ? '+' : text))
        const filter = rest ? [...levels.slice(0, -1), '#'].join('/') : levels.join('/')
        for (const { gatewayId } of all) {
          const rules = policy.find(gatewayId)?.rules
          if (!rules?.subscribing(filter)) continue
          for (const topic of [
            ...others.map((one) => topicOfPlan(all, one)),
            filter.replaceAll(/[+#]/g, 'q'),
          ]) {
            const isTopic = topic.split('/').every((text) => text !== '' && !/[+#\0]/.test(text))
            if (!isTopic || !matchesFilter(filter, topic)) continue
            judged += 1
            expect([filter, topic, rules.receiving(topic) !== undefined]).toEqual([filter, topic, true])
          }
        }
      },
    ),
    { numRuns: 150 },
  )
  expect(judged).toBeGreaterThan(5)
})
