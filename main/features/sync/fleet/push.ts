import { ExpectedError } from '#contract/errors.ts'
import { isDataRefusal } from '#platform/postgres/cloud-failure.ts'
import { breathe } from '../breath.ts'
import { timelyStamp } from './cloud-clock.ts'
import {
  endRows,
  insertRows,
  keyText,
  readRows,
  stampsOf,
  updateRows,
  type WrittenRow,
} from './cloud-rows.ts'
import { type CloudSql, inTransaction } from './cloud-sql.ts'
import { type FoundConflict, tellConflicts } from './conflicts.ts'
import { putDeadObject } from './dead-objects.ts'
import {
  type CloudRow,
  type ColumnValue,
  DELETED,
  type Entity,
  fieldValue,
  type LocalObject,
} from './entity.ts'
import { byColumn, type FleetRun, fieldsHere, inSlices, unchangedStamp } from './fleet-run.ts'
import { notHere } from './gone-objects.ts'
import { breakRings, holdTrees } from './group-rings.ts'
import { type ObjectPlan, planPush, type Version } from './plan-object.ts'
import { asRestored } from './restored-cloud.ts'
import { type Outcome, settle } from './settle.ts'
import {
  newestWaiting,
  removeVersions,
  removeWaiting,
  sawStamps,
  versionsOf,
  type Waiting,
  waitingOf,
} from './site-store.ts'
import { storageProblem } from './storable.ts'

/** Objects of one transaction. */
const BATCH = 500
/** A tenant's groups go together where they can: one may be in one that was made after it. */
const GROUPS = 2_000

/** An object that waits, as it is here. */
interface Item {
  waiting: Waiting
  key: Record<string, string>
  local: LocalObject | undefined
  versions: ReadonlyMap<string, Version>
}

interface Done {
  item: Item
  row: CloudRow | null
  plan: ObjectPlan | null
  /** Stamps that the cloud has now, where the row was written. */
  stamps: Record<string, string> | null
  error?: unknown
}

/** Sends everything that waits now. What the cloud refuses is set aside, and nothing waits behind it. */
export async function pushOutbox(run: FleetRun): Promise<void> {
  const upTo = await newestWaiting(run.db)
  for (const entity of run.entities.values()) {
    const limit = entity.name === 'group' ? GROUPS : BATCH
    for (;;) {
      run.signal.throwIfAborted()
      const waiting = await waitingOf(run.db, entity.name, { limit, taken: run.names.taken, upTo })
      if (waiting.length === 0) break
      await pushBatch(run, entity, waiting)
      await breathe()
    }
  }
}

async function pushBatch(run: FleetRun, entity: Entity, waiting: Waiting[]): Promise<void> {
  const items = await itemsOf(run, entity, waiting)
  const unfit = new Map<Item, ExpectedError>()
  for (const item of items) {
    const problem = item.local && storageProblem(item.local.columns)
    if (problem) unfit.set(item, problem)
  }
  const fit = items.filter((item) => !unfit.has(item))
  const results =
    fit.length === 0
      ? []
      : await inTransaction(run.link, async (sql) => {
          const done = await attempt(sql, run, { entity, items: fit })
          await tell(sql, run, conflictsOf(run, entity, done))
          return done
        })
  for (const [item, error] of unfit) results.push({ item, row: null, plan: null, stamps: null, error })
  await setAside(run, entity, results)
  await finish(run, entity, { results, waiting })
}

/** What nobody can be told of keeps nothing else back. */
async function tell(sql: CloudSql, run: FleetRun, conflicts: readonly FoundConflict[]): Promise<void> {
  if (conflicts.length === 0) return
  await sql.query('SAVEPOINT conflicts')
  try {
    await tellConflicts(sql, run.session.siteId, conflicts)
  } catch (error) {
    if (!isRefusal(error)) throw error
    await sql.query('ROLLBACK TO SAVEPOINT conflicts')
    run.log.warn({ err: error }, 'the cloud refused to list conflicts')
  }
  await sql.query('RELEASE SAVEPOINT conflicts')
}

async function itemsOf(run: FleetRun, entity: Entity, waiting: readonly Waiting[]): Promise<Item[]> {
  const items: Item[] = []
  await inSlices(waiting, async (slice) => {
    const ids = slice.map(({ id }) => id)
    // Before the objects: what changes in between is sent, and sent again.
    const versions = await versionsOf(run.db, entity.name, ids)
    const locals = await entity.read(run.db, ids, run.names)
    for (const one of slice) {
      const key = entity.keyOf(one.id, run.names)
      // Nothing of its tenant is sent any more.
      if (key === null || isLeftOut(run, entity, one)) continue
      const fields = byColumn(entity, versions.get(one.id))
      items.push({ waiting: one, key, local: locals.get(one.id), versions: fields })
    }
  })
  return items
}

/** A gateway that goes to a tenant of which nothing is sent ends there; of other things nothing is said any more. */
function isLeftOut({ names }: FleetRun, { name }: Entity, { tenantId }: Waiting): boolean {
  const isMoved = name === 'gateway' || name === 'certificate'
  return !isMoved && tenantId !== null && names.cloudTenantOf(tenantId) === null
}

/** All together; where the cloud refuses that, in halves, until it is known which one it refuses. */
async function attempt(
  sql: CloudSql,
  run: FleetRun,
  { entity, items }: { entity: Entity; items: readonly Item[] },
): Promise<Done[]> {
  await sql.query('SAVEPOINT batch')
  try {
    const done = await write(sql, run, { entity, items })
    await sql.query('RELEASE SAVEPOINT batch')
    return done
  } catch (error) {
    if (!isRefusal(error)) throw error
    await sql.query('ROLLBACK TO SAVEPOINT batch')
    await sql.query('RELEASE SAVEPOINT batch')
    const [first, ...others] = items
    if (first !== undefined && others.length === 0)
      return [{ item: first, row: null, plan: null, stamps: null, error }]
    const middle = Math.ceil(items.length / 2)
    return [
      ...(await attempt(sql, run, { entity, items: items.slice(0, middle) })),
      ...(await attempt(sql, run, { entity, items: items.slice(middle) })),
    ]
  }
}

/** Of what was sent, not of the login as a whole: without a right on a table nothing of it would go. */
function isRefusal(error: unknown): boolean {
  return isDataRefusal(error) && !(error as { routine?: string }).routine?.startsWith('aclcheck_error')
}

async function write(
  sql: CloudSql,
  run: FleetRun,
  { entity, items }: { entity: Entity; items: readonly Item[] },
): Promise<Done[]> {
  const done = await merge(sql, run, { entity, items })
  // Somebody else made it between our look and our write: now it is there, or it is not for us to see.
  const late = done.filter(({ row, stamps, item }) => row === null && stamps === null && item.local)
  if (late.length === 0) return done
  const again = await merge(sql, run, { entity, items: late.map(({ item }) => item) })
  const refused = again.map((one) =>
    one.row === null && one.stamps === null
      ? {
          ...one,
          error: new ExpectedError('cloud_refused', { cause: 'it is there already, of another site' }),
        }
      : one,
  )
  return [...done.filter((one) => !late.includes(one)), ...refused]
}

async function merge(
  sql: CloudSql,
  run: FleetRun,
  { entity, items }: { entity: Entity; items: readonly Item[] },
): Promise<Done[]> {
  const { names } = run
  if (entity.name === 'group') await holdTrees(sql, items)
  const rows = await readRows(sql, entity, { keys: items.map(({ key }) => key), hold: true })
  await sawStamps(
    run.db,
    [...rows.values()].flatMap((row) => Object.values(stampsOf(row))),
  )
  const planned = items.map((item) => {
    const row = rows.get(keyText(entity, item.key)) ?? null
    return { item, row, plan: row && planOf(run, entity, { item, row }) }
  })
  if (entity.name === 'group') await breakRings(sql, planned)
  const fresh = planned.filter(({ row, item }) => row === null && item.local)
  const inserted = await insertRows(
    sql,
    entity,
    fresh.map(({ item }) => newRow(run, entity, item)),
  )
  const ours = planned.filter(
    ({ row, item }) => row && item.local && entity.isOurs(row, names) && entity.up.length > 0,
  )
  const others = planned.filter((one) => !ours.includes(one) && (one.plan?.write.size ?? 0) > 0)
  const written = new Map([
    ...inserted,
    ...(await updateRows(sql, entity, { rows: ours.map((one) => changedRow(entity, one)), ours: true })),
    ...(await updateRows(sql, entity, { rows: others.map((one) => changedRow(entity, one)), ours: false })),
  ])
  const gone = planned.filter(({ row, item }) => row && !item.local)
  await endRows(sql, entity, { keys: gone.map(({ item }) => item.key), names })
  return planned.map((one) => ({ ...one, stamps: written.get(keyText(entity, one.item.key)) ?? null }))
}

function planOf(run: FleetRun, entity: Entity, { item, row }: { item: Item; row: CloudRow }): ObjectPlan {
  return planPush({
    fields: entity.twoWay.map(({ column }) => column),
    here: fieldsHere(entity, item.local, byField(entity, item.versions)),
    versions: asRestored(run, timely(run, item), row),
    there: {
      values: Object.fromEntries(
        entity.twoWay.map(({ column }) => [column, fieldValue(column, row[column])]),
      ),
      stamps: stampsOf(row),
    },
    unchanged: unchangedStamp(run),
  })
}

/** Back from columns to the names that the triggers use. */
function byField(entity: Entity, versions: ReadonlyMap<string, Version>): Map<string, Version> {
  return new Map(
    entity.twoWay.flatMap(({ column, field }) => {
      const version = versions.get(column)
      return version ? [[field, version] as const] : []
    }),
  )
}

/** As they count against changes of others. */
function timely(
  { cloudClock }: FleetRun,
  { versions, waiting }: Pick<Item, 'versions' | 'waiting'>,
): Map<string, Version> {
  return new Map(
    [...versions].map(([column, version]) => [
      column,
      { ...version, stamp: timelyStamp(version, cloudClock, waiting.queuedAt) },
    ]),
  )
}

function newRow(run: FleetRun, entity: Entity, item: Item): WrittenRow {
  const { local } = item
  const versions = timely(run, item)
  const stamps = entity.twoWay.map(({ column }) => [
    column,
    versions.get(column)?.stamp ?? unchangedStamp(run),
  ])
  return { columns: local?.columns ?? {}, stamps: Object.fromEntries(stamps) }
}

function changedRow(entity: Entity, { item, row, plan }: Omit<Done, 'stamps'>): WrittenRow {
  const columns: Record<string, ColumnValue> = { ...item.key, ...item.local?.columns }
  const stamps = { ...stampsOf(row ?? {}) }
  for (const { column } of entity.twoWay) {
    const ours = plan?.write.get(column)
    if (ours) stamps[column] = ours.stamp
    if (!ours || row?.[column] === undefined) columns[column] = (row?.[column] ?? null) as ColumnValue
    else if (column === DELETED) columns[column] = ours.value === true ? new Date().toISOString() : null
    else columns[column] = ours.value
  }
  return { columns, stamps }
}

function conflictsOf(run: FleetRun, entity: Entity, done: readonly Done[]): FoundConflict[] {
  return done.flatMap(({ item, row, plan }) => {
    const tenantId = item.waiting.tenantId ?? item.local?.tenantId
    if (!plan || !row || !tenantId) return []
    const cloudTenantId = String(row['tenant_id'] ?? row['id'])
    return plan.conflicts.map((conflict) => ({
      ...conflict,
      tenantId,
      cloudTenantId,
      entity: entity.name,
      entityId: item.waiting.id,
      cloudEntityId: item.key['id'] ?? '',
    }))
  })
}

async function setAside(run: FleetRun, entity: Entity, results: readonly Done[]): Promise<void> {
  const { db, clock, log, done } = run
  const refused = results.filter(({ error }) => error !== undefined)
  if (refused.length === 0) return
  await db.transaction().execute(async (trx) => {
    for (const { item, error } of refused) {
      const { entity: name, id, tenantId } = item.waiting
      const content = item.local?.columns ?? {}
      await removeWaiting(trx, [item.waiting])
      await putDeadObject(
        trx,
        {
          direction: 'up',
          tenantId: tenantId ?? item.local?.tenantId ?? null,
          entity: name,
          entityId: id,
          content,
          error,
        },
        clock.now(),
      )
      log.warn({ entity: entity.name, id, err: error }, 'the cloud refused an object')
    }
  })
  done.refused += refused.length
}

async function finish(
  run: FleetRun,
  entity: Entity,
  { results, waiting }: { results: readonly Done[]; waiting: readonly Waiting[] },
): Promise<void> {
  const through = results.filter(({ error }) => error === undefined)
  const aside = new Set(results.filter(({ error }) => error !== undefined).map(({ item }) => item.waiting))
  run.done.sent += through.length
  run.done.conflicts += through.reduce((sum, { plan }) => sum + (plan?.conflicts.length ?? 0), 0)
  const outcomes = through.map((done) => outcomeOf(entity, done))
  const decided = new Set(outcomes.flatMap(({ apply, waiting: one }) => (apply.size > 0 && one ? [one] : [])))
  await settle(run, entity, {
    outcomes,
    // Also what is of a tenant of which nothing is sent.
    // What the cloud decided waits until that is in effect here.
    waiting: waiting.filter((one) => !aside.has(one) && !decided.has(one)),
    conflicts: [],
  })
  await forgetVersions(run, entity, through)
}

/** Of what is gone on both sides. Of a group it stays known that it was deleted: it may be there again. */
async function forgetVersions(run: FleetRun, entity: Entity, done: readonly Done[]): Promise<void> {
  const ended = done.flatMap(({ item }) => (item.local ? [] : [item.waiting.id]))
  const gone = await notHere(run, entity, ended)
  if (gone.length > 0) await removeVersions(run.db, entity.name, gone)
}

function outcomeOf(entity: Entity, { item, row, plan, stamps }: Done): Outcome {
  const { waiting, local, versions } = item
  const here = fieldsHere(entity, local, byField(entity, versions))
  const common = {
    id: waiting.id,
    waiting,
    tenantId: waiting.tenantId ?? local?.tenantId ?? null,
    here,
    versions,
    row,
  }
  if (plan === null) {
    const agreed = local ? new Map(Object.entries(stamps ?? {})) : new Map<string, string>()
    return { ...common, agreed, apply: new Map() }
  }
  const agreed = new Map([...plan.agree].map(([column, stamp]) => [column, stamps?.[column] ?? stamp]))
  // What is not here and was never deleted here comes here.
  const isNew = here === null && row !== null && entity.name === 'group' && row[DELETED] === null
  const apply = isNew ? allFields(entity, row) : plan.apply
  return { ...common, agreed, apply }
}

/** Everything that the cloud has of an object, as its decision. */
export function allFields(entity: Entity, row: CloudRow) {
  const stamps = stampsOf(row)
  return new Map(
    entity.twoWay.map(({ column }) => [
      column,
      { value: fieldValue(column, row[column]), stamp: stamps[column] ?? '' },
    ]),
  )
}
