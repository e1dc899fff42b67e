import { ExpectedError } from '#contract/errors.ts'
import type { CloudConflict } from '#contract/model/cloud.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { authorOf, type FleetSync } from './fleet/index.ts'
import type { CloudLink } from './link/cloud-link.ts'
import * as repository from './link/link.repository.ts'
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
      const node = await ownNode(db)
      return { conflicts: rows.map((row) => conflictView(row, node)), total: await countOf(db, which) }
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
      return conflictView(settled ?? { ...(await rowOf(db, id)), name: entityId }, await ownNode(db))
    },
  }
}

/** @throws ExpectedError `not_found` */
async function rowOf(db: SiteDb, id: string) {
  const row = await db.selectFrom('cloudConflicts').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new ExpectedError('not_found', { what: 'conflict', id })
  return row
}

function conflictView(row: ConflictRow, node: string | null): CloudConflict {
  const { id, tenantId, entity, entityId, name, field, at, resolvedAt, resolvedByName } = row
  return {
    id,
    tenantId,
    entity,
    entityId,
    name,
    field,
    kept: sideOf(row.kept, { stamp: row.keptStamp, by: row.keptBy }, node),
    other: sideOf(row.other, { stamp: row.otherStamp, by: row.otherBy }, node),
    at,
    resolvedAt,
    resolvedByName,
  }
}

/** `by`: what the cloud calls the site, or what stands in the stamp. The milliseconds that a stamp begins with are its time. */
function sideOf(
  value: string,
  { stamp, by }: { stamp: string; by: string },
  node: string | null,
): CloudConflict['kept'] {
  const side = { value: JSON.parse(value) as unknown, at: Number(stamp.slice(0, 13)) }
  const author = authorOf(stamp)
  if (author === 'cloud' || author === node)
    return { ...side, by: author === node ? 'here' : 'cloud', site: null }
  return { ...side, by: 'site', site: by }
}

/** Of this site's stamps. */
async function ownNode(db: SiteDb): Promise<string | null> {
  const link = await repository.linkRow(db)
  return link === undefined ? null : link.siteId.slice(0, 8)
}

async function countOf(db: SiteDb, which: 'open' | 'all'): Promise<number> {
  const { count } = await db
    .selectFrom('cloudConflicts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .$if(which === 'open', (some) => some.where('resolvedAt', 'is', null))
    .executeTakeFirstOrThrow()
  return count
}
