import { deadLettersToRetry, deleteDeadLetters } from '#features/sync/dead-letters/dead-letters.repository.ts'
import type { EntityName } from './entity.ts'
import type { FleetRun } from './fleet-run.ts'
import { putWaiting } from './site-store.ts'

const AT_ONCE = 500

/** Objects that one side refused, and a person wants tried again: both sides are looked at as they are now. */
export async function retryObjects(run: FleetRun): Promise<void> {
  const { db, clock, entities } = run
  const letters = await deadLettersToRetry(db, 'object', AT_ONCE)
  if (letters.length === 0) return
  await db.transaction().execute(async (trx) => {
    for (const { entity, entityId: id, tenantId, direction } of letters) {
      if (entity === null || id === null) continue
      const twoWay = entities.get(entity as EntityName)?.twoWay ?? []
      // As if what the cloud has were not known yet.
      if (direction === 'down')
        for (const { field } of twoWay)
          await trx
            .updateTable('cloudVersions')
            .set({ stamp: '', base: '' })
            .where('entity', '=', entity)
            .where('id', '=', id)
            .where('field', '=', field)
            .whereRef('stamp', '=', 'base')
            .execute()
      await putWaiting(trx, { entity, id, tenantId, now: clock.now() })
    }
    await deleteDeadLetters(
      trx,
      letters.map(({ id }) => id),
    )
  })
}
