import { sql } from 'kysely'
import { ExpectedError } from '#contract/errors.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import { breathe } from '../breath.ts'
import { applyDecision, type Refusals } from './apply-object.ts'
import { type FoundConflict, keepConflicts } from './conflicts.ts'
import { putDeadObject, removeDeadObjects, retryWithin } from './dead-objects.ts'
import { type CloudRow, DELETED, type Entity, type LocalObject } from './entity.ts'
import { type FleetRun, fieldsHere, inSlices } from './fleet-run.ts'
import type { FieldValue, Stamped } from './merge-field.ts'
import type { Version } from './plan-object.ts'
import { type Agreed, agree, putAgain, putWaiting, removeWaiting, type Waiting } from './site-store.ts'

/** What follows here for one object, once the cloud has what was sent of it. */
export interface Outcome {
  id: string
  tenantId: string | null
  /** Stamps that both sides have now, by column. */
  agreed: ReadonlyMap<string, string>
  /** What the cloud decided, by column. */
  apply: ReadonlyMap<string, Stamped>
  /** As it was looked at: values here (null: it was not here), versions by column, the row there. */
  here: Readonly<Record<string, FieldValue>> | null
  versions: ReadonlyMap<string, Version>
  row: CloudRow | null
  /** As it waits to be sent, where it does. */
  waiting?: Waiting
}

/** Notes what is agreed, ends the waiting, and brings into effect what the cloud decided. */
export async function settle(
  run: FleetRun,
  entity: Entity,
  of: { outcomes: readonly Outcome[]; waiting: readonly Waiting[]; conflicts: readonly FoundConflict[] },
): Promise<void> {
  const { db, clock } = run
  await inSlices(of.outcomes, async (slice) => {
    const agreed = slice.flatMap((outcome) => agreedFields(entity, outcome))
    await db.transaction().execute((trx) => agree(trx, entity.name, agreed))
  })
  // Last: what is not noted is sent again.
  await db.transaction().execute(async (trx) => {
    await removeWaiting(trx, of.waiting)
    const ids = of.waiting.map(({ id }) => id)
    await removeDeadObjects(trx, { direction: 'up', entity: entity.name, ids })
    await keepConflicts(trx, of.conflicts, clock.now())
  })
  for (const outcome of inOrder(
    entity,
    of.outcomes.filter(({ apply }) => apply.size > 0),
  )) {
    await bringIn(run, entity, outcome)
    // Each is some writes to the disk, without a turn for anything else in between.
    await breathe()
  }
}

function agreedFields(entity: Entity, { id, agreed, versions }: Outcome): Agreed[] {
  return entity.twoWay.flatMap(({ column, field }) => {
    const stamp = agreed.get(column)
    return stamp === undefined ? [] : [{ id, field, stamp, read: versions.get(column)?.stamp ?? null }]
  })
}

/** Groups after those that they are in. */
function inOrder(entity: Entity, outcomes: Outcome[]): Outcome[] {
  if (entity.name !== 'group') return outcomes
  const waiting = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  const ordered: Outcome[] = []
  const take = (outcome: Outcome) => {
    if (!waiting.delete(outcome.id)) return
    const above = waiting.get(String(outcome.row?.['parent_id']))
    if (above) take(above)
    ordered.push(outcome)
  }
  for (const outcome of outcomes) take(outcome)
  return ordered
}

async function bringIn(run: FleetRun, entity: Entity, outcome: Outcome): Promise<void> {
  const { db, targets, names, signal, clock, done } = run
  const { id, apply, row, here, waiting } = outcome
  if (row === null) return
  signal.throwIfAborted()
  const refusals = await applyDecision(targets, names, { entity: entity.name, id, fields: apply, here, row })
  const attempts = (waiting?.attempts ?? 0) + 1
  const isLater = refusals.size > 0 && attempts <= mostAttempts(refusals)
  await db.transaction().execute(async (trx) => {
    const local = (await entity.read(trx, [id], names)).get(id)
    if (waiting) await removeWaiting(trx, [waiting])
    await settleFields(trx, run, { entity, outcome, local, refusals, isLater })
    const tenantId = outcome.tenantId ?? local?.tenantId ?? null
    const queuedAt = waiting?.queuedAt ?? clock.now()
    if (isLater) return putAgain(trx, { entity: entity.name, id, tenantId, queuedAt, attempts })
    const [error] = refusals.values()
    if (error === undefined) {
      await removeDeadObjects(trx, { direction: 'down', entity: entity.name, ids: [id] })
      if (entity.name === 'group' && apply.get(DELETED)?.value === false)
        await retryWithin(trx, id, clock.now())
      return
    }
    const content = Object.fromEntries([...apply].map(([column, { value }]) => [column, value]))
    await putDeadObject(
      trx,
      { direction: 'down', tenantId, entity: entity.name, entityId: id, content, error },
      clock.now(),
    )
  })
  done.applied += apply.size - refusals.size
  if (refusals.size > 0 && !isLater) {
    done.refused++
    run.log.warn(
      { entity: entity.name, id, err: refusals.values().next().value },
      'a change of the cloud was refused',
    )
  }
}

/**
 * It may need what comes after it: a group above, the name that another one still has. Or somebody moved a group here a moment ago,
 * of which the cloud does not know: what it makes of that arrives with one of the next exchanges.
 */
function mostAttempts(refusals: Refusals): number {
  const isCircular = (error: unknown) => error instanceof ExpectedError && error.code === 'group_circular'
  return [...refusals.values()].some(isCircular) ? 5 : 1
}

/**
 * The service's own write made the fields look changed here. Where they are as the cloud has them, both agree. Where the site
 * made something else of it, that goes up. What was refused counts as seen: it is tried again when a person says so.
 */
async function settleFields(
  trx: SiteTrx,
  run: FleetRun,
  of: {
    entity: Entity
    outcome: Outcome
    local: LocalObject | undefined
    refusals: Refusals
    isLater: boolean
  },
): Promise<void> {
  const { entity, outcome, local, refusals, isLater } = of
  const { id, apply, versions } = outcome
  const now = fieldsHere(entity, local, new Map([[deletionField(entity), { stamp: '', base: null }]]))
  for (const { column, field } of entity.twoWay) {
    const decided = apply.get(column)
    if (!decided) continue
    if (refusals.has(column)) {
      // As if it had not been seen yet; what could not be made here was not deleted here either.
      if (isLater || local === undefined) continue
      const read = versions.get(column)?.stamp ?? null
      await agree(trx, entity.name, [{ id, field, stamp: decided.stamp, read }])
    } else if (now?.[column] === decided.value)
      await setVersion(trx, { entity, id, field, stamp: decided.stamp, base: decided.stamp })
    else {
      const { node } = run.session
      const { rows } = await sql<{ stamp: string }>`select cloud_stamp(${node}) as stamp`.execute(trx)
      await setVersion(trx, { entity, id, field, stamp: rows[0]?.stamp ?? '', base: decided.stamp })
      const tenantId = local?.tenantId ?? outcome.tenantId
      await putWaiting(trx, { entity: entity.name, id, tenantId, now: run.clock.now() })
    }
  }
}

function deletionField(entity: Entity): string {
  return entity.twoWay.find(({ column }) => column === DELETED)?.field ?? ''
}

async function setVersion(
  trx: SiteTrx,
  of: { entity: Entity; id: string; field: string; stamp: string; base: string },
): Promise<void> {
  const { entity, id, field, stamp, base } = of
  await trx
    .insertInto('cloudVersions')
    .values({ entity: entity.name, id, field, stamp, base })
    .onConflict((conflict) => conflict.columns(['entity', 'id', 'field']).doUpdateSet({ stamp, base }))
    .execute()
}
