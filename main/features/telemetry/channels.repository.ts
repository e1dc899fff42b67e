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

/** Channel keys of each assignment that has at least `least` of them. */
export async function crowdedAssignments(db: SiteDb, least: number): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('channels')
    .select(['assignmentId', 'key'])
    .where('assignmentId', 'in', (query) =>
      query
        .selectFrom('channels')
        .select('assignmentId')
        .groupBy('assignmentId')
        .having(({ fn }) => fn.countAll(), '>=', least),
    )
    .execute()
  const keys = new Map<string, string[]>()
  for (const { assignmentId, key } of rows) {
    const known = keys.get(assignmentId)
    if (known) known.push(key)
    else keys.set(assignmentId, [key])
  }
  return keys
}
