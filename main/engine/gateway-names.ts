import { sql } from 'kysely'
import {
  type AliasProblem,
  aliasProblem,
  claimsOf,
  type NamedGateway,
} from '#broker/dialects/alias-problem.ts'
import type { DialectBook } from '#broker/dialects/dialect-book.ts'
import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac, wireName } from '#contract/model/ids.ts'
import { aliasesOf } from '#features/fleet/index.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'

/** Of so many gateways at most the others are looked up by name; for more all are read once. */
const LOOKED_UP = 20

/**
 * Whether gateways can have the names that they have in this transaction: no topics of anybody else follow from them.
 * @throws ExpectedError `alias_invalid`
 */
export async function requireNames(
  trx: SiteTrx,
  book: DialectBook,
  gatewayIds: readonly string[],
): Promise<void> {
  if (gatewayIds.length === 0) return
  const asked = (await namedRows(trx).where('id', 'in', jsonList(gatewayIds)).execute()).map(namedGateway)
  if (asked.length === 0) return
  const problem = aliasProblem(book, asked, [...asked, ...(await rivals(trx, book, asked))])
  if (problem) throw await aliasError(trx, problem)
}

export interface NamedRow {
  id: string
  tenantId: string
  mac: string | null
  label: string
  dialect: string
  /** JSON by kind. */
  aliases: string
}

export function namedGateway(row: NamedRow): NamedGateway {
  const { id: gatewayId, tenantId, mac, label, dialect } = row
  return { gatewayId, tenantId, wireName: wireName(row), mac, label, aliases: aliasesOf(row), dialect }
}

/** Others whose topics could be those of the asked ones: a fleet of ten thousand is not read for each box that joins it. */
async function rivals(
  trx: SiteTrx,
  book: DialectBook,
  asked: readonly NamedGateway[],
): Promise<NamedGateway[]> {
  // Two gateways have a topic in common only where a name that identifies one is, in any case, a level of the other's claims:
  // each claim has such a name, and no two dialects read a level differently (contract/model/dialect-problems.ts).
  const levels = new Set(
    asked.flatMap((gateway) => claimsOf(book, gateway)).flatMap((claim) => claim.split('/')),
  )
  // SQLite folds the case of ASCII alone.
  const isPlain = asked.length <= LOOKED_UP && [...levels].every((level) => /^[\x20-\x7e]*$/.test(level))
  const ids = isPlain ? await calledSo(trx, [...levels]) : null
  const own = new Set(asked.map(({ gatewayId }) => gatewayId))
  const query = ids === null ? namedRows(trx) : namedRows(trx).where('id', 'in', jsonList(ids))
  return (await query.execute()).filter(({ id }) => !own.has(id)).map(namedGateway)
}

/** Gateways with one of these names, in small letters, each kind by its index. */
async function calledSo(trx: SiteTrx, names: readonly string[]): Promise<string[]> {
  const macs = names.flatMap((name) => normalizeMac(name) ?? [])
  const { rows } = await sql<{ id: string }>`
    select id from gateways where id in ${jsonList(names)}
    union select id from gateways where mac in ${jsonList(macs)} and deletedAt is null
    union select id from gateways where label collate nocase in ${jsonList(names)}
    union select gatewayId from gatewayAliases where value in ${jsonList(names)} and kind = 'topic'`.execute(
    trx,
  )
  return rows.map(({ id }) => id)
}

/** One text of a statement, however many values there are. */
function jsonList(values: readonly string[]) {
  return sql<string>`(select value from json_each(${JSON.stringify(values)}))`
}

/** Gateways whose names could collide: the topics of the canonical dialect are of wire names. */
export function namedRows(trx: SiteTrx) {
  return trx
    .selectFrom('gateways')
    .select(['id', 'tenantId', 'mac', 'label', 'dialect'])
    .select((eb) =>
      eb
        .selectFrom('gatewayAliases')
        .select(sql<string>`json_group_object(kind, value)`.as('all'))
        .whereRef('gatewayAliases.gatewayId', '=', 'gateways.id')
        .$asScalar()
        .$notNull()
        .as('aliases'),
    )
    .where('deletedAt', 'is', null)
    .where('dialect', '!=', 'canonical')
}

const causes = {
  invalid: 'it must be one level of a topic: no slash, +, #, $ in front or control character',
  reserved: 'topics that begin so belong to somebody else',
  taken: 'another gateway of this site has topics there',
}

async function aliasError(trx: SiteTrx, problem: AliasProblem): Promise<ExpectedError> {
  const gateway = await trx
    .selectFrom('gateways')
    .select('code')
    .where('id', '=', problem.gatewayId)
    .executeTakeFirst()
  const kind = problem.problem === 'invalid' ? `${problem.kind} name` : `name of ${gateway?.code ?? 'it'}`
  return new ExpectedError('alias_invalid', { kind, value: problem.value, cause: causes[problem.problem] })
}
