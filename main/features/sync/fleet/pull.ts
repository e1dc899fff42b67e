import { breathe } from '../breath.ts'
import { keyText, type PageEnd, readPage, readRows, stampsOf } from './cloud-rows.ts'
import { inTurn } from './cloud-sql.ts'
import type { FoundConflict } from './conflicts.ts'
import { removeDeadObjects } from './dead-objects.ts'
import { type CloudRow, DELETED, type Entity, type EntityName, fieldValue } from './entity.ts'
import { pullConflicts, takeConflicts } from './exchange-conflicts.ts'
import { type Cursor, type FeedEntry, type FeedState, keepCursor, readFeed, type TakenAhead } from './feed.ts'
import { byColumn, type FleetRun, fieldsHere, unchangedStamp } from './fleet-run.ts'
import { setFollowed, unfollowedTenants } from './followed-tenants.ts'
import { endGone } from './gone-objects.ts'
import { planPull } from './plan-object.ts'
import { allFields } from './push.ts'
import { asRestored } from './restored-cloud.ts'
import { type Outcome, settle } from './settle.ts'
import { sawStamps, versionsOf } from './site-store.ts'

/** Entries of the feed, or rows, that are looked at together. */
const PAGE = 500
const NIL = '00000000-0000-0000-0000-000000000000'

/**
 * Takes what changed in the cloud since the last time, or, where that is unknown or long ago, looks at everything.
 * @param of `adopt`: for tenants that are not here: a gateway may have been given to one a moment ago
 */
export async function pullChanges(
  run: FleetRun,
  { start, known, kept: noted }: FeedState,
  { adopt, ahead }: { adopt: () => Promise<void>; ahead: TakenAhead },
): Promise<void> {
  const unfollowed = new Set(await unfollowedTenants(run))
  if (known === null) {
    ahead.clear()
    const all = [...run.session.tenants.values()].map((tenant) => tenant.cloudTenantId)
    await pullTenants(run, all)
    await keepCursor(run, start, noted)
    await setFollowed(run, { cloudTenantIds: all, isFollowed: true })
    return
  }
  await followFeed(run, known, { adopt, ahead, unfollowed })
  await pullTenants(run, [...unfollowed])
  await setFollowed(run, { cloudTenantIds: [...unfollowed], isFollowed: true })
}

async function followFeed(
  run: FleetRun,
  known: Cursor,
  of: { adopt: () => Promise<void>; ahead: TakenAhead; unfollowed: Set<string> },
): Promise<void> {
  const { feedOf } = known
  let [after, taken, kept] = [known, known, known]
  let open: string | null = null
  for (;;) {
    run.signal.throwIfAborted()
    const page = await inTurn(run.link, (sql) => readFeed(sql, { after, limit: PAGE }))
    open ??= page.open
    run.done.heldFor = Math.max(run.done.heldFor, page.heldFor)
    const fresh = page.entries.filter((entry) => !of.ahead.has(entry))
    if (fresh.some(({ tenantId }) => run.names.localTenantOf(tenantId) === null)) await of.adopt()
    await noteShared(run, fresh, of.unfollowed)
    await takeEntries(run, fresh)
    for (const entry of page.entries) {
      after = { feedOf, xid: entry.xid, seq: entry.seq }
      if (BigInt(entry.xid) >= BigInt(open ?? 0)) of.ahead.add(entry)
      else {
        of.ahead.remove(entry)
        taken = after
      }
    }
    if (taken !== kept) await keepCursor(run, taken, kept)
    kept = taken
    if (page.entries.length < PAGE) return
    await breathe()
  }
}

/** What was shared anew may have been unshared before, and the feed was silent of it. */
async function noteShared(
  run: FleetRun,
  entries: readonly FeedEntry[],
  unfollowed: Set<string>,
): Promise<void> {
  const shared = entries.flatMap(({ entity, tenantId }) =>
    entity === 'site_tenant' && run.names.localTenantOf(tenantId) !== null && !unfollowed.has(tenantId)
      ? [tenantId]
      : [],
  )
  // Before the cursor moves on: power may fail in between.
  await setFollowed(run, { cloudTenantIds: shared, isFollowed: false })
  for (const tenantId of shared) unfollowed.add(tenantId)
}

async function takeEntries(run: FleetRun, entries: readonly FeedEntry[]): Promise<void> {
  const keys = new Map<EntityName, Map<string, Record<string, string>>>()
  const conflicts = new Set<string>()
  for (const { entity: name, tenantId, entityId } of entries) {
    if (name === 'conflict') conflicts.add(entityId)
    const entity = run.entities.get(name as EntityName)
    if (entity === undefined || entity.twoWay.length === 0) continue
    const parts = entity.key.map(({ column }) => [column, column === 'tenant_id' ? tenantId : entityId])
    const key = Object.fromEntries(parts) as Record<string, string>
    const known = keys.get(entity.name) ?? new Map<string, Record<string, string>>()
    keys.set(entity.name, known.set(keyText(entity, key), key))
  }
  for (const entity of run.entities.values()) {
    const wanted = [...(keys.get(entity.name)?.values() ?? [])]
    for (let at = 0; at < wanted.length; at += PAGE) {
      const part = wanted.slice(at, at + PAGE)
      const rows = await inTurn(run.link, (sql) => readRows(sql, entity, { keys: part, hold: false }))
      await takeRows(run, entity, [...rows.values()])
    }
  }
  await takeConflicts(run, [...conflicts])
}

/** Looks at everything of these tenants of the cloud. */
export async function pullTenants(run: FleetRun, tenants: readonly string[]): Promise<void> {
  if (tenants.length === 0) return
  const { names } = run
  for (const entity of run.entities.values()) {
    if (entity.twoWay.length === 0) continue
    const limit = entity.name === 'group' ? 4 * PAGE : PAGE
    for (let after: PageEnd = { id: NIL, tenant: NIL }; ; ) {
      run.signal.throwIfAborted()
      const page = await inTurn(run.link, (sql) => readPage(sql, entity, { tenants, names, after, limit }))
      await takeRows(run, entity, page.rows)
      if (page.end === null) break
      after = page.end
      await breathe()
    }
  }
  await endGone(run, tenants)
  await pullConflicts(run, tenants)
}

async function takeRows(run: FleetRun, entity: Entity, rows: readonly CloudRow[]): Promise<void> {
  const { db, names, done } = run
  const found = rows.flatMap((row) => {
    const id = entity.idOf(row, names)
    return id !== null && isForUs(entity, row, run) ? [{ id, row }] : []
  })
  if (found.length === 0) return
  await sawStamps(
    db,
    found.flatMap(({ row }) => Object.values(stampsOf(row))),
  )
  const ids = found.map(({ id }) => id)
  const versions = await versionsOf(db, entity.name, ids)
  const locals = await entity.read(db, ids, names)
  const outcomes: Outcome[] = []
  const conflicts: FoundConflict[] = []
  // Whatever was refused of it.
  const gone = found.filter(({ id, row }) => row[DELETED] && !locals.has(id)).map(({ id }) => id)
  await removeDeadObjects(db, { direction: 'down', entity: entity.name, ids: gone })
  for (const { id, row } of found) {
    const local = locals.get(id)
    const known = versions.get(id)
    const here = fieldsHere(entity, local, known)
    const byColumns = byColumn(entity, known)
    const cloudTenantId = String(row['tenant_id'] ?? row['id'])
    const tenantId = local?.tenantId ?? names.localTenantOf(cloudTenantId)
    const common = { id, tenantId, here, versions: byColumns, row }
    if (here === null) {
      const isMissing = entity.name === 'group' && row[DELETED] === null
      if (isMissing) outcomes.push({ ...common, agreed: new Map(), apply: allFields(entity, row) })
      continue
    }
    const plan = planPull({
      fields: entity.twoWay.map(({ column }) => column),
      here,
      versions: asRestored(run, byColumns, row),
      there: {
        values: Object.fromEntries(
          entity.twoWay.map(({ column }) => [column, fieldValue(column, row[column])]),
        ),
        stamps: stampsOf(row),
      },
      unchanged: unchangedStamp(run),
    })
    outcomes.push({ ...common, agreed: plan.agree, apply: plan.apply })
    for (const conflict of plan.conflicts)
      conflicts.push({
        ...conflict,
        tenantId: tenantId ?? '',
        cloudTenantId,
        entity: entity.name,
        entityId: id,
        cloudEntityId: String(row['id']),
      })
  }
  done.conflicts += conflicts.length
  await settle(run, entity, { outcomes, waiting: [], conflicts })
}

/** People and gateways are of one site; what is another's is not here. */
function isForUs(entity: Entity, row: CloudRow, { names }: FleetRun): boolean {
  return !entity.seen.includes('site_id') || row['site_id'] === names.siteId
}
