import { sql } from 'kysely'
import { type ErrorData, ExpectedError } from '#contract/errors.ts'
import { putDeadObject as putLetter } from '#features/sync/dead-letters/dead-letters.repository.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { causeOf } from '#platform/postgres/cloud-failure.ts'

/** An object that one side refused. */
export interface DeadObject {
  direction: 'up' | 'down'
  tenantId: string | null
  entity: string
  entityId: string
  /** What was refused, by its columns. */
  content: Record<string, unknown>
  error: unknown
}

/** Columns that no list of refused objects shows. */
const secret = new Set(['secret_salt', 'secret_hash', 'password_hash', 'pem', 'topics'])

/** Sets it aside with the reason, so that nothing waits behind it. One that is aside already counts on. */
export async function putDeadObject(trx: SiteTrx, dead: DeadObject, now: number): Promise<void> {
  const { direction, tenantId, entity, entityId } = dead
  const { code, data } = reasonOf(dead.error)
  const shown = Object.entries(dead.content).filter(([column]) => !secret.has(column))
  await putLetter(trx, {
    id: uuid7(now),
    kind: 'object',
    direction,
    tenantId,
    entity,
    entityId,
    content: JSON.stringify(Object.fromEntries(shown)),
    reason: code,
    reasonData: JSON.stringify(data),
    firstAt: now,
    lastAt: now,
  })
}

/** What was refused because this group was not here goes once more: it is here now. */
export async function retryWithin(trx: SiteTrx, groupId: string, now: number): Promise<void> {
  await trx
    .updateTable('cloudDeadLetters')
    .set({ retryAskedAt: now })
    .where('kind', '=', 'object')
    .where('direction', '=', 'down')
    .where('entity', 'in', ['group', 'gateway'])
    .where(sql<string>`coalesce(content ->> 'parent_id', content ->> 'group_id')`, '=', groupId)
    .execute()
}

/** It went through. */
export async function removeDeadObjects(
  db: SiteDb | SiteTrx,
  of: { direction: 'up' | 'down'; entity: string; ids: readonly string[] },
): Promise<void> {
  if (of.ids.length === 0) return
  await db
    .deleteFrom('cloudDeadLetters')
    .where('kind', '=', 'object')
    .where('direction', '=', of.direction)
    .where('entity', '=', of.entity)
    .where('entityId', 'in', of.ids)
    .execute()
}

function reasonOf(error: unknown): { code: string; data: ErrorData } {
  if (error instanceof ExpectedError) return { code: error.code, data: error.data }
  return { code: 'cloud_refused', data: { cause: causeOf(error) } }
}
