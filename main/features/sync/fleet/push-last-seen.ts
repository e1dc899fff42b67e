import { breathe } from '../breath.ts'
import { inTurn } from './cloud-sql.ts'
import type { FleetRun } from './fleet-run.ts'
import { moment } from './moments.ts'

/** Each connection of a gateway changes it: that would be most of what is sent. */
const EVERY = 10 * 60_000
const BATCH = 2_000

/** When gateways were last seen, told every ten minutes. It is no change of theirs, and nobody else is told. */
export class LastSeen {
  #toldAt = Number.NEGATIVE_INFINITY
  #since = 0

  async push(run: FleetRun): Promise<void> {
    const now = run.clock.now()
    // Also where the clock was set back.
    if (Math.abs(now - this.#toldAt) < EVERY) return
    const rows = await run.db
      .selectFrom('gateways')
      .select(['id', 'tenantId', 'lastSeenAt'])
      .where('lastSeenAt', '>', this.#since)
      .where('deletedAt', 'is', null)
      .execute()
    const seen = rows.filter(({ tenantId }) => run.names.cloudTenantOf(tenantId) !== null)
    for (let at = 0; at < seen.length; at += BATCH) {
      const part = seen.slice(at, at + BATCH).map(({ id, lastSeenAt }) => ({ id, at: moment(lastSeenAt) }))
      await inTurn(run.link, (sql) =>
        sql.query(
          `UPDATE millwright.gateways AS t SET last_seen_at = s.at
           FROM jsonb_to_recordset($1::jsonb) AS s(id uuid, at timestamptz)
           WHERE t.id = s.id AND t.site_id = $2::uuid AND t.last_seen_at IS DISTINCT FROM s.at`,
          [JSON.stringify(part), run.session.siteId],
        ),
      )
      await breathe()
    }
    this.#toldAt = now
    // A clock that was ahead is put right some day: what comes then is later than this.
    const latest = seen.reduce((most, { lastSeenAt }) => Math.max(most, lastSeenAt ?? 0), this.#since)
    this.#since = Math.min(latest, now)
  }
}
