import type { Insertable, Selectable, Updateable } from 'kysely'
import type { CommandState } from '#contract/model/command.ts'
import { gatewayInScope, type TenantScope } from '#features/access/index.ts'
import type { CommandTable } from '#platform/db/enrollment-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type CommandRow = Selectable<CommandTable>

const DAY = 24 * 60 * 60_000

export function insertCommand(trx: SiteTrx, row: Insertable<CommandTable>) {
  return trx.insertInto('commands').values(row).execute()
}

export function commandById(db: SiteDb | SiteTrx, id: string) {
  return db.selectFrom('commands').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Of a gateway that the scope sees, and of the tenant that has it now. */
export function commandInScope(db: SiteDb | SiteTrx, scope: TenantScope, id: string) {
  return db
    .selectFrom('commands')
    .innerJoin('gateways', 'gateways.id', 'commands.gatewayId')
    .selectAll('commands')
    .where('commands.id', '=', id)
    .whereRef('commands.tenantId', '=', 'gateways.tenantId')
    .where('gateways.deletedAt', 'is', null)
    .where(gatewayInScope(scope))
    .executeTakeFirst()
}

/** Newest first. Ids are ordered by time. */
export function commandsOf(
  db: SiteDb,
  { gatewayId, tenantId }: { gatewayId: string; tenantId: string },
  { limit, before }: { limit: number; before?: string | undefined },
) {
  let query = db
    .selectFrom('commands')
    .selectAll()
    .where('gatewayId', '=', gatewayId)
    .where('tenantId', '=', tenantId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.execute()
}

/** Those that wait for the gateway, in the order given. */
export function queuedOf(db: SiteDb, gatewayId: string) {
  return db
    .selectFrom('commands')
    .selectAll()
    .where('gatewayId', '=', gatewayId)
    .where('state', '=', 'queued')
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
}

export async function gatewaysWithQueued(db: SiteDb): Promise<string[]> {
  const rows = await db
    .selectFrom('commands')
    .select('gatewayId')
    .distinct()
    .where('endedAt', 'is', null)
    .where('state', '=', 'queued')
    .execute()
  return rows.map(({ gatewayId }) => gatewayId)
}

export async function openCountOf(db: SiteDb | SiteTrx, gatewayId: string): Promise<number> {
  const { count } = await db
    .selectFrom('commands')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('gatewayId', '=', gatewayId)
    .where('endedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

/** Only from the state that was seen. @returns false where something else happened to it meanwhile */
export async function changeCommand(
  db: SiteDb | SiteTrx,
  { id, state }: Pick<CommandRow, 'id' | 'state'>,
  changes: Updateable<CommandTable> & { state: CommandState },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('commands')
    .set(changes)
    .where('id', '=', id)
    .where('state', '=', state)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** @returns whose commands expired */
export async function expire(db: SiteDb | SiteTrx, now: number): Promise<string[]> {
  const rows = await db
    .updateTable('commands')
    .set({ state: 'expired', endedAt: now })
    .where('endedAt', 'is', null)
    .where('expiresAt', '<=', now)
    .returning('gatewayId')
    .execute()
  return rows.map(({ gatewayId }) => gatewayId)
}

/** Those that wait for a gateway which is no more what it was when they were given. */
export async function cancelLeft(
  db: SiteDb | SiteTrx,
  now: number,
  gatewayId: string | null,
): Promise<string[]> {
  let query = db
    .updateTable('commands')
    .set({ state: 'cancelled', endedAt: now, error: 'gateway_left' })
    .where('endedAt', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('gateways')
            .select('gateways.id')
            .whereRef('gateways.id', '=', 'commands.gatewayId')
            .whereRef('gateways.assignmentId', '=', 'commands.assignmentId')
            .where('gateways.state', 'not in', ['revoked', 'unclaimed'])
            .where('gateways.deletedAt', 'is', null),
        ),
      ),
    )
  if (gatewayId !== null) query = query.where('gatewayId', '=', gatewayId)
  const rows = await query.returning('gatewayId').execute()
  return rows.map(({ gatewayId }) => gatewayId)
}

/** All that wait for a gateway, or for its answer. */
export function cancelOpen(trx: SiteTrx, now: number, gatewayId: string) {
  return trx
    .updateTable('commands')
    .set({ state: 'cancelled', endedAt: now, error: 'gateway_left' })
    .where('gatewayId', '=', gatewayId)
    .where('endedAt', 'is', null)
    .execute()
}

/** Deletes ended commands: older than 90 days, and beyond the newest of a tenant. */
export async function prune(db: SiteDb | SiteTrx, now: number, keptOfTenant: number): Promise<void> {
  await db
    .deleteFrom('commands')
    .where('endedAt', 'is not', null)
    .where('createdAt', '<', now - 90 * DAY)
    .execute()
  const full = await db
    .selectFrom('commands')
    .select('tenantId')
    .groupBy('tenantId')
    .having((eb) => eb.fn.countAll<number>(), '>', keptOfTenant)
    .execute()
  for (const { tenantId } of full)
    await db
      .deleteFrom('commands')
      .where('tenantId', '=', tenantId)
      .where('endedAt', 'is not', null)
      .where('id', 'not in', (eb) =>
        eb
          .selectFrom('commands')
          .select('id')
          .where('tenantId', '=', tenantId)
          .orderBy('id', 'desc')
          .limit(keptOfTenant),
      )
      .execute()
}

export function usedKey(db: SiteDb | SiteTrx, of: { actor: string; key: string }, since: number) {
  return db
    .selectFrom('idempotencyKeys')
    .select(['requestHash', 'resultId'])
    .where('operation', '=', 'command')
    .where('actor', '=', of.actor)
    .where('key', '=', of.key)
    .where('createdAt', '>=', since)
    .executeTakeFirst()
}

/** In place of one that is too old to count. */
export function rememberKey(
  trx: SiteTrx,
  row: { actor: string; key: string; requestHash: string; resultId: string; createdAt: number },
) {
  return trx
    .replaceInto('idempotencyKeys')
    .values({ ...row, operation: 'command' })
    .execute()
}
