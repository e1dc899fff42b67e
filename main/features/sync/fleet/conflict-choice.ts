import { sql } from 'kysely'
import { ExpectedError } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { applyDecision } from './apply-object.ts'
import { readValue } from './conflicts.ts'
import type { Entities } from './entities/index.ts'
import type { EntityName } from './entity.ts'
import { SETTLED } from './exchange-conflicts.ts'
import { fieldsHere, loadNames } from './fleet-run.ts'
import type { FleetTargets } from './fleet-targets.ts'
import { putWaiting } from './site-store.ts'

/** The audit of it, in the transaction that settles it. */
export type RecordChoice = (trx: SiteTrx) => Promise<unknown>

/** What a person does about two values of one field. */
export class ConflictChoice {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #entities: Entities

  constructor({ db, clock, entities }: { db: SiteDb; clock: Clock; entities: Entities }) {
    this.#db = db
    this.#clock = clock
    this.#entities = entities
  }

  /**
   * The value that lost is set here, as a new change: it is later than all, and goes up.
   * @throws ExpectedError `not_found`, also for what is another site's; what the service refuses
   */
  async useOther(
    id: string,
    { targets, byName, record }: { targets: FleetTargets; byName: string; record?: RecordChoice },
  ): Promise<void> {
    const conflict = await this.#open(id)
    const link = await this.#db.selectFrom('cloudLink').select('siteId').executeTakeFirst()
    if (!link) throw new ExpectedError('cloud_not_joined')
    const entity = this.#entities.get(conflict.entity as EntityName)
    const names = await loadNames(this.#db, link.siteId, null)
    const locals = await entity?.read(this.#db, [conflict.entityId], names)
    const local = locals?.get(conflict.entityId)
    if (!entity || !local)
      throw new ExpectedError('not_found', { what: conflict.entity, id: conflict.entityId })
    const value = readValue(conflict.other)
    const here = fieldsHere(entity, local, undefined)
    if (here?.[conflict.field] !== value) {
      const refusals = await applyDecision(targets, names, {
        entity: entity.name,
        id: conflict.entityId,
        fields: new Map([[conflict.field, { value }]]),
        here,
        row: { ...local.columns },
      })
      for (const error of refusals.values()) throw error
    }
    await this.#settle(id, byName, record)
  }

  /** It stays as it is. @throws ExpectedError `not_found` */
  async dismiss(id: string, byName: string, record?: RecordChoice): Promise<void> {
    await this.#open(id)
    await this.#settle(id, byName, record)
  }

  async #open(id: string) {
    const conflict = await this.#db
      .selectFrom('cloudConflicts')
      .selectAll()
      .where('id', '=', id)
      .where('resolvedAt', 'is', null)
      .executeTakeFirst()
    if (!conflict) throw new ExpectedError('not_found', { what: 'conflict', id })
    return conflict
  }

  async #settle(id: string, byName: string, record?: RecordChoice): Promise<void> {
    const now = this.#clock.now()
    await this.#db.transaction().execute(async (trx) => {
      const settled = await trx
        .updateTable('cloudConflicts')
        .set({ resolvedAt: now, resolvedByName: byName })
        .where('id', '=', id)
        .returning('tenantId')
        .executeTakeFirst()
      await putWaiting(trx, { entity: SETTLED, id, tenantId: settled?.tenantId ?? null, now })
      await record?.(trx)
    })
  }
}

/** Newest first; `after`: the last one of the page before. `name`: what the object is called here now. */
export async function listConflicts(
  db: SiteDb,
  query: {
    id?: string | undefined
    resolved?: boolean | undefined
    tenantId?: string | undefined
    limit: number
    after?: string | undefined
  },
) {
  const { id, resolved, tenantId, limit, after } = query
  const cursor =
    after === undefined
      ? undefined
      : await db.selectFrom('cloudConflicts').select(['at', 'id']).where('id', '=', after).executeTakeFirst()
  const rows = await db
    .selectFrom('cloudConflicts')
    .leftJoin('tenants', 'tenants.id', 'cloudConflicts.entityId')
    .leftJoin('groups', 'groups.id', 'cloudConflicts.entityId')
    .leftJoin('gateways', 'gateways.id', 'cloudConflicts.entityId')
    // Of a person: tenant/person.
    .leftJoin('users', (on) =>
      on.on(
        sql<boolean>`users.id = substr(cloudConflicts.entityId, instr(cloudConflicts.entityId, '/') + 1)`,
      ),
    )
    .selectAll('cloudConflicts')
    .select(
      sql<string>`coalesce(gateways.name, "groups".name, tenants.name, nullif(users.name, ''), users.email,
        cloudConflicts.entityId)`.as('name'),
    )
    .$if(id !== undefined, (some) => some.where('cloudConflicts.id', '=', id ?? ''))
    .$if(resolved !== undefined, (some) =>
      some.where('cloudConflicts.resolvedAt', resolved === true ? 'is not' : 'is', null),
    )
    .$if(tenantId !== undefined, (some) => some.where('cloudConflicts.tenantId', '=', tenantId ?? ''))
    .$if(cursor !== undefined, (some) =>
      some.where((eb) =>
        eb.or([
          eb('cloudConflicts.at', '<', cursor?.at ?? 0),
          eb.and([
            eb('cloudConflicts.at', '=', cursor?.at ?? 0),
            eb('cloudConflicts.id', '<', cursor?.id ?? ''),
          ]),
        ]),
      ),
    )
    .orderBy('cloudConflicts.at', 'desc')
    .orderBy('cloudConflicts.id', 'desc')
    .limit(limit)
    .execute()
  return rows
}
