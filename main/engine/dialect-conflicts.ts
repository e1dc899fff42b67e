import { isDeepStrictEqual } from 'node:util'
import { type AliasProblem, aliasProblem, type NamedGateway } from '#broker/dialects/alias-problem.ts'
import type { DialectBook } from '#broker/dialects/dialect-book.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import { namedGateway, namedRows } from './gateway-names.ts'

/**
 * Whether the gateways of the site keep topics of their own with this dialect in place: those that speak it, and those whose
 * name would be the first level of its topics. The broker would let them publish nothing, and nobody would know why.
 *
 * @throws ExpectedError `dialect_invalid`
 */
export async function requireNoConflicts(
  trx: SiteTrx,
  book: DialectBook,
  definition: DialectDefinition,
): Promise<void> {
  const { name, topics } = definition
  if (book.has(name) && isDeepStrictEqual(book.get(name).definition.topics, topics)) return
  const candidate = book.trying(definition)
  const rows = await namedRows(trx).where('state', '!=', 'unclaimed').execute()
  const all = rows.map(namedGateway)
  const speakers = all.filter(({ dialect }) => dialect === name)
  const others = all.filter(({ dialect }) => dialect !== name)
  const problem = aliasProblem(candidate, speakers, all) ?? newlyReserved(book, candidate, others)
  if (problem === null) return
  const issues = await issueOf(trx, problem)
  throw new ExpectedError('dialect_invalid', { name, issues })
}

function newlyReserved(
  book: DialectBook,
  candidate: DialectBook,
  others: readonly NamedGateway[],
): AliasProblem | null {
  if ([...candidate.roots].every((root) => book.roots.has(root))) return null
  for (const gateway of others) {
    const problem = aliasProblem(candidate, [gateway], [])
    // What was wrong before is not this dialect's doing.
    if (problem?.problem === 'reserved' && !book.roots.has(problem.value.toLowerCase())) return problem
  }
  return null
}

async function issueOf(trx: SiteTrx, problem: AliasProblem): Promise<string> {
  const code = async (id: string): Promise<string> => {
    const row = await trx.selectFrom('gateways').select('code').where('id', '=', id).executeTakeFirst()
    return row?.code ?? id
  }
  const mine = await code(problem.gatewayId)
  switch (problem.problem) {
    case 'taken':
      return `the gateways ${mine} and ${await code(problem.by)} would both have ${problem.value}`
    case 'reserved':
      return `topics of the gateway ${mine} begin with ${problem.value}`
    case 'invalid':
      return `the ${problem.kind} name ${problem.value} of the gateway ${mine} can be no level of a topic`
  }
}
