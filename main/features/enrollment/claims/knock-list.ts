import { type ExpressionBuilder, sql } from 'kysely'
import type { Knock } from '#contract/api/claims.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import { gatewayInScope, seesGateway, type TenantScope } from '#features/access/index.ts'
import type { SiteSchema } from '#platform/db/schema.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { KnockRow } from '../knocks/knocks.repository.ts'
import { manufacturersOf } from '../knocks/manufacturers.ts'
import { boxLabel } from '../labels.ts'

export interface KnockQuery {
  /** Of claimed ones: only of this tenant. */
  tenantId: string | null
  state: Knock['state'] | null
  search: string | null
  limit: number
  after: string | null
  /** Whether the caller sees who waits: people of the site, and of a tenant whose window is open. */
  seesWaiting: boolean
}

type Builder = ExpressionBuilder<SiteSchema, 'knocks'>

/** Those that the scope sees, newest first. */
export function listKnocks(db: SiteDb, scope: TenantScope, query: KnockQuery): Promise<KnockRow[]> {
  const { tenantId, state, search, limit, after, seesWaiting } = query
  const isTheirs = (eb: Builder) =>
    eb.exists(
      eb
        .selectFrom('gateways')
        .select('gateways.id')
        .whereRef('gateways.id', '=', 'knocks.gatewayId')
        .where(gatewayInScope(scope))
        .$if(tenantId !== null, (inner) => inner.where('gateways.tenantId', '=', tenantId ?? '')),
    )
  let rows = db
    .selectFrom('knocks')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('gatewayId', 'is', null).and(seesWaiting ? sql<boolean>`true` : sql<boolean>`false`),
        isTheirs(eb),
      ]),
    )
    .orderBy('id', 'desc')
    .limit(limit)
  if (state !== null) rows = rows.where('state', '=', state)
  if (after !== null) rows = rows.where('id', '<', after)
  if (search !== null) rows = rows.where(matches(search))
  return rows.execute()
}

/** In the text of any column that people see; a MAC in any spelling. */
function matches(search: string) {
  const texts = [search, normalizeMac(search) ?? search].map((text) => `%${text.replace(/[\\%_]/g, '\\$&')}%`)
  const columns = ['mac', 'label', 'deviceId', 'chip', 'firmware', 'address'] as const
  return (eb: Builder) =>
    eb.or(
      columns.flatMap((column) =>
        texts.map((text) => sql<boolean>`${eb.ref(column)} like ${text} escape '\\'`),
      ),
    )
}

/** Boxes that wait, as far as the caller sees them. */
export async function countWaiting(db: SiteDb): Promise<number> {
  const { count } = await db
    .selectFrom('knocks')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return count
}

/** What SQLite takes at once. */
const CHUNK = 500

/** As the contract gives them to somebody of this scope. */
export async function viewKnocks(db: SiteDb, scope: TenantScope, rows: KnockRow[]): Promise<Knock[]> {
  const makers = await manufacturersOf(rows.flatMap(({ mac }) => mac ?? []))
  const gateways = await gatewaysOf(db, rows)
  return rows.map((row) => {
    const found =
      gateways.byId.get(row.gatewayId ?? '') ??
      gateways.byMac.get(row.mac ?? '') ??
      gateways.byLabel.get(boxLabel(row) ?? '')
    const isSeen = found !== undefined && seesGateway(scope, found)
    return {
      id: row.id,
      way: row.way,
      mac: row.mac,
      label: row.label,
      deviceId: row.deviceId,
      manufacturer: makers.get(row.mac ?? '') ?? null,
      chip: row.chip,
      firmware: row.firmware,
      hardware: row.hardware,
      address: row.address,
      credential: row.credential,
      unproven: row.pollSecretHash === null,
      flagged: row.flagged === 1,
      publicKeyHash: row.publicKeyHash,
      count: row.count,
      firstAt: new Date(row.firstAt),
      lastAt: new Date(row.lastAt),
      tokenEndsAt:
        row.state !== 'waiting' || row.tokenExpiresAt === null ? null : new Date(row.tokenExpiresAt),
      state: row.state,
      claimedAt: row.claimedAt === null ? null : new Date(row.claimedAt),
      claimedBy: row.claimedByName,
      gateway: isSeen ? { id: found.id, code: found.code, name: found.name, state: found.state } : null,
      // One that belongs to nobody is for whoever claims it.
      taken: found !== undefined && !isSeen && found.state !== 'unclaimed',
    }
  })
}

async function gatewaysOf(db: SiteDb, rows: KnockRow[]) {
  type Found = Awaited<ReturnType<typeof read>>[number]
  const found = {
    byId: new Map<string, Found>(),
    byMac: new Map<string, Found>(),
    byLabel: new Map<string, Found>(),
  }
  const read = (chunk: KnockRow[]) =>
    db
      .selectFrom('gateways')
      .select(['id', 'tenantId', 'groupId', 'ownerUserId', 'mac', 'label', 'code', 'name', 'state'])
      .where('deletedAt', 'is', null)
      .where((eb) =>
        eb.or([
          eb(
            'id',
            'in',
            chunk.map(({ gatewayId }) => gatewayId ?? ''),
          ),
          eb(
            'mac',
            'in',
            chunk.map(({ mac }) => mac ?? ''),
          ),
          eb(
            'label',
            'in',
            chunk.map((row) => boxLabel(row) ?? ''),
          ),
        ]),
      )
      .execute()
  for (let start = 0; start < rows.length; start += CHUNK)
    for (const gateway of await read(rows.slice(start, start + CHUNK))) {
      found.byId.set(gateway.id, gateway)
      if (gateway.mac !== null) found.byMac.set(gateway.mac, gateway)
      found.byLabel.set(gateway.label, gateway)
    }
  return found
}
