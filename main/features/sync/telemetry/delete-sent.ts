import type { SiteDb } from '#platform/db/site-db.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'

const SLICE = 20_000

/**
 * Deletes what this site sent, in slices; the same call goes on where one was ended. `tenantId`: only of this tenant.
 * @returns how many readings
 */
export async function deleteSentReadings(
  connection: CloudConnection,
  { db, tenantId, signal }: { db: SiteDb; tenantId: string | null; signal: AbortSignal },
): Promise<number> {
  const rows = await db
    .selectFrom('cloudChannels')
    .innerJoin('channels', 'channels.id', 'cloudChannels.channelId')
    .select(['cloudChannels.key', 'channels.tenantId'])
    .execute()
  let deleted = 0
  for (const { key } of rows.filter((row) => tenantId === null || row.tenantId === tenantId)) {
    for (let some = SLICE; some > 0; ) {
      signal.throwIfAborted()
      some = await deleteSlice(connection, key)
      deleted += some
    }
  }
  return deleted
}

async function deleteSlice(connection: CloudConnection, key: number): Promise<number> {
  try {
    const { rows } = await connection.client.query<{ deleted: number }>(
      'SELECT millwright.delete_readings($1, $2) AS deleted',
      [key, SLICE],
    )
    return rows[0]?.deleted ?? 0
  } catch (error) {
    throw connection.failureOf(error, 'deleting readings')
  }
}
