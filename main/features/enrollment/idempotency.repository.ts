import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** What the key was used for since `since`, ms. */
export function findIdempotencyKey(
  db: SiteDb,
  of: { actor: string; operation: string; key: string },
  since: number,
) {
  return db
    .selectFrom('idempotencyKeys')
    .select(['requestHash', 'resultId'])
    .where('actor', '=', of.actor)
    .where('operation', '=', of.operation)
    .where('key', '=', of.key)
    .where('createdAt', '>=', since)
    .executeTakeFirst()
}

export function insertIdempotencyKey(
  trx: SiteTrx,
  row: {
    key: string
    actor: string
    operation: string
    requestHash: string
    resultId: string
    createdAt: number
  },
) {
  return trx.insertInto('idempotencyKeys').values(row).execute()
}

export function deleteIdempotencyKeys(trx: SiteTrx, before: number) {
  return trx.deleteFrom('idempotencyKeys').where('createdAt', '<', before).execute()
}
