import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export function findIdempotencyKey(
  db: SiteDb | SiteTrx,
  of: { actor: string; operation: string; key: string },
) {
  return db
    .selectFrom('idempotencyKeys')
    .select(['requestHash', 'resultId'])
    .where('actor', '=', of.actor)
    .where('operation', '=', of.operation)
    .where('key', '=', of.key)
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
