import type { Insertable, Selectable, Updateable } from 'kysely'
import type { ChannelTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type ChannelRow = Selectable<ChannelTable>

export function allChannels(db: SiteDb): Promise<ChannelRow[]> {
  return db.selectFrom('channels').selectAll().execute()
}

/** In chunks, for SQLite bounds the values of one statement. */
export async function insertChannels(trx: SiteTrx, channels: Insertable<ChannelTable>[]): Promise<void> {
  for (let start = 0; start < channels.length; start += 500) {
    await trx
      .insertInto('channels')
      .values(channels.slice(start, start + 500))
      .execute()
  }
}

export function updateChannel(trx: SiteTrx, id: string, changes: Updateable<ChannelTable>) {
  return trx.updateTable('channels').set(changes).where('id', '=', id).execute()
}
