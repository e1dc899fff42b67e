import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { TelemetryPart } from '../cloud-parts.ts'
import type { CloudSession } from '../cloud-session.ts'
import * as repository from './link.repository.ts'

interface Reported {
  db: SiteDb
  clock: Clock
  telemetry: TelemetryPart
  isOutsideWindow: boolean
  isHeldUp: boolean
}

/** Older than this, what waits counts as a backlog, ms. */
export const BEHIND = 60_000

/** Tells the cloud how this site is, for head office's dashboards. */
export async function reportState(
  connection: CloudConnection,
  session: CloudSession,
  { db, clock, telemetry, isOutsideWindow, isHeldUp }: Reported,
): Promise<void> {
  const now = clock.now()
  const backlog = await telemetry.backlog()
  const deadLetters = await repository.deadLetterCounts(db)
  const tenants = await repository.tenantRows(db)
  const rows = tenants.flatMap((tenant) => {
    const shared = session.tenants.get(tenant.tenantId)
    if (shared === undefined) return []
    const waiting = backlog.perTenant.get(tenant.tenantId)
    const oldest = waiting?.oldestAt ?? null
    const isBehind = oldest !== null && now - oldest > BEHIND
    return [
      {
        site_id: session.siteId,
        tenant_id: shared.cloudTenantId,
        backlog_rows: Math.round(waiting?.readings ?? 0),
        backlog_seconds: oldest === null ? 0 : Math.max(0, Math.round((now - oldest) / 1000)),
        readings_sent: tenant.readingsSent,
        bytes_sent: tenant.bytesSent,
        dead_letters: deadLetters.get(tenant.tenantId) ?? 0,
        lost_readings: tenant.readingsLost,
        state: isHeldUp ? 'held_up' : isOutsideWindow ? 'outside_window' : isBehind ? 'catching_up' : 'live',
      },
    ]
  })
  if (rows.length === 0) return
  // One statement and one round trip, however many tenants.
  await sql`
    INSERT INTO millwright.sync_state (site_id, tenant_id, backlog_rows, backlog_seconds, readings_sent, bytes_sent,
      dead_letters, lost_readings, state, reported_at)
    SELECT site_id, tenant_id, backlog_rows, backlog_seconds, readings_sent, bytes_sent, dead_letters, lost_readings,
      state, now()
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS said (site_id uuid, tenant_id uuid, backlog_rows bigint,
      backlog_seconds bigint, readings_sent bigint, bytes_sent bigint, dead_letters integer, lost_readings bigint,
      state text)
    ON CONFLICT (site_id, tenant_id) DO UPDATE SET backlog_rows = excluded.backlog_rows,
      backlog_seconds = excluded.backlog_seconds, readings_sent = excluded.readings_sent,
      bytes_sent = excluded.bytes_sent, dead_letters = excluded.dead_letters,
      lost_readings = excluded.lost_readings, state = excluded.state, reported_at = excluded.reported_at
  `.execute(connection.db)
}
