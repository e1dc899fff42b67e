import { ExpectedError } from '#contract/errors.ts'
import type { CloudConflict } from '#contract/model/cloud.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { FleetSync } from './fleet/index.ts'
import type { CloudLink } from './link/cloud-link.ts'
import type { ConflictsPort } from './sync.router.ts'

export interface ConflictsDependencies {
  db: SiteDb
  audit: AuditService
  fleet: FleetSync
  link: CloudLink
}

type ConflictRow = Awaited<ReturnType<FleetSync['conflicts']>>[number]

/** Fields that were changed here and elsewhere at the same time. */
export function conflictsOf({ db, audit: log, fleet, link }: ConflictsDependencies): ConflictsPort {
  return {
    list: async (which, limit) => {
      const resolved = which === 'open' ? false : undefined
      const rows = await fleet.conflicts({ resolved, limit })
      return { conflicts: rows.map(conflictView), total: await countOf(db, which) }
    },
    resolve: async (id, use, by, audit) => {
      const row = await rowOf(db, id)
      const { entity, entityId, field } = row
      audit.about('cloud_conflict', id, row.tenantId, { entity, entityId, field, use })
      const record = (trx: SiteTrx) => log.recordIn(trx, audit)
      if (use === 'other') await fleet.useOther(id, { byName: by, record })
      else await fleet.dismiss(id, by, record)
      link.changed.emit()
      const [settled] = await fleet.conflicts({ id, limit: 1 })
      return conflictView(settled ?? { ...(await rowOf(db, id)), name: entityId })
    },
  }
}

/** @throws ExpectedError `not_found` */
async function rowOf(db: SiteDb, id: string) {
  const row = await db.selectFrom('cloudConflicts').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new ExpectedError('not_found', { what: 'conflict', id })
  return row
}

function conflictView(row: ConflictRow): CloudConflict {
  const { id, tenantId, entity, entityId, name, field, at, resolvedAt, resolvedByName } = row
  return {
    id,
    tenantId,
    entity,
    entityId,
    name,
    field,
    kept: { value: JSON.parse(row.kept) as unknown, by: row.keptBy, at: timeOf(row.keptStamp) },
    other: { value: JSON.parse(row.other) as unknown, by: row.otherBy, at: timeOf(row.otherStamp) },
    at,
    resolvedAt,
    resolvedByName,
  }
}

/** The milliseconds that a stamp begins with. */
function timeOf(stamp: string): number {
  return Number(stamp.slice(0, 13))
}

async function countOf(db: SiteDb, which: 'open' | 'all'): Promise<number> {
  const { count } = await db
    .selectFrom('cloudConflicts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .$if(which === 'open', (some) => some.where('resolvedAt', 'is', null))
    .executeTakeFirstOrThrow()
  return count
}
