import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { KnockRow } from '../knocks/knock-book.ts'

/** The box that waits with this key, or was claimed and has still to fetch. */
export function knockByKey(db: SiteDb | SiteTrx, publicKeyHash: string): Promise<KnockRow | undefined> {
  return db
    .selectFrom('knocks')
    .selectAll()
    .where('publicKeyHash', '=', publicKeyHash)
    .where('state', 'in', ['waiting', 'claimed'])
    .orderBy('id', 'desc')
    .executeTakeFirst()
}

/** The one before ends. */
export function setPollSecret(db: SiteDb | SiteTrx, id: string, pollSecretHash: string) {
  return db.updateTable('knocks').set({ pollSecretHash }).where('id', '=', id).execute()
}
