import { sql } from 'kysely'
import { stampsOf } from './cloud-rows.ts'
import { inTurn } from './cloud-sql.ts'
import type { CloudRow } from './entity.ts'
import type { FleetRun } from './fleet-run.ts'
import { REVOKED } from './merge-field.ts'
import type { Version } from './plan-object.ts'
import { queueAll } from './queue-all.ts'

/** The cloud came back from a backup: everything is looked at again, and what it has lost is sent again. */
export async function resendAll(run: FleetRun): Promise<void> {
  const { db, session, clock, log } = run
  log.warn('the cloud is as it was at an earlier time: what it lost is sent again')
  await db.transaction().execute(async (trx) => {
    for (const tenantId of session.tenants.keys()) await queueAll(trx, tenantId, clock.now())
    // Groups that were deleted here may be there again.
    await sql`insert into cloudOutbox (entity, id, queuedAt) select 'group', id, ${clock.now()} from cloudVersions
      where entity = 'group' and field = 'deleted' and id not in (select id from groups)
      on conflict (entity, id) do nothing`.execute(trx)
  })
  const { rows } = await inTurn(run.link, (cloud) =>
    cloud.query<{ tenantId: string; newest: string }>(
      `SELECT tenant_id AS "tenantId", max(seq)::text AS newest FROM millwright.audit
       WHERE site_id = $1 AND generation <= $2 AND tenant_id IS NOT NULL GROUP BY tenant_id`,
      [session.siteId, session.generation],
    ),
  )
  for (const { tenantId, newest } of rows)
    await db
      .updateTable('cloudTenants')
      .set({ auditSeq: sql`min(auditSeq, ${Number(newest)})` })
      .where('cloudTenantId', '=', tenantId)
      .execute()
  run.isRestored = true
}

/**
 * Versions as they count against a row of a cloud that was restored: a field that both sides agreed on later than the cloud
 * remembers was changed here since. A revocation that it remembers stays one.
 */
export function asRestored(
  { isRestored }: FleetRun,
  versions: ReadonlyMap<string, Version>,
  row: CloudRow,
): ReadonlyMap<string, Version> {
  if (!isRestored) return versions
  const stamps = stampsOf(row)
  return new Map(
    [...versions].map(([column, version]) => {
      const there = stamps[column] ?? ''
      const isLost = version.base === version.stamp && there < version.stamp && row[column] !== REVOKED
      return [column, isLost ? { ...version, base: there } : version]
    }),
  )
}
