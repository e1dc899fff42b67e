import { type CloudSql, inTurn } from './cloud-sql.ts'
import type { FleetRun } from './fleet-run.ts'

/** An entry of the cloud's feed: an object that changed. */
export interface FeedEntry {
  xid: string
  seq: string
  tenantId: string
  entity: string
  entityId: string
}

/** Where a site stands in the feed. `feedOf`: whose transaction numbers these are. */
export interface Cursor {
  feedOf: string
  xid: string
  seq: string
}

export interface FeedState {
  /** Behind all that is in the feed for good: what is of an open transaction is taken later. */
  start: Cursor
  /** Null: what changed since the last time is not known. */
  known: Cursor | null
  /** As it is noted here, whether it holds or not. */
  kept: Cursor | null
  /** The cloud is as it was at an earlier time: what was sent since then is not there any more. */
  isRestored: boolean
}

/** Behind every entry of its transaction. */
const LAST = Number.MAX_SAFE_INTEGER

/** Before anything is sent, for that is in the feed too. */
export async function feedState(run: FleetRun): Promise<FeedState> {
  const { feedOf } = run.session
  const kept = await keptCursor(run)
  const { rows } = await inTurn(run.link, (sql) =>
    sql.query<{
      open: string
      now: string
      holds: boolean | null
      isAhead: boolean | null
      has: boolean | null
    }>(
      `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS open, millwright.feed_holds($1, $2, $3::bigint) AS holds,
         $2::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) AS "isAhead", millwright.feed_has($2, $3::bigint) AS has,
         floor(extract(epoch FROM clock_timestamp()) * 1000)::text AS now`,
      [kept?.feedOf ?? null, kept?.xid ?? null, kept?.seq ?? null],
    ),
  )
  const [row] = rows
  const now = Number(row?.now ?? run.clock.now())
  run.cloudClock = { now, ahead: run.clock.now() - now }
  const start = { feedOf, xid: `${BigInt(row?.open ?? 1) - 1n}`, seq: `${LAST}` }
  if (kept === null) return { start, known: null, kept, isRestored: false }
  // An entry that was there, that nobody cut off, and that is gone: of a copy from before it.
  const isGone = row?.holds === true && kept.seq !== `${LAST}` && row.has === false
  const isRestored = kept.feedOf !== feedOf || row?.isAhead === true || isGone
  return { start, known: row?.holds === true && !isGone ? kept : null, kept, isRestored }
}

/**
 * What is in the feed behind a cursor, also of transactions after one that is still open: whoever leaves one open must not hold
 * back what everybody else did. Only entries before `open` are in it for good; between the others some may come yet.
 * @returns `heldFor`: how long entries have waited for that, s
 */
export async function readFeed(
  sql: CloudSql,
  { after, limit }: { after: Cursor; limit: number },
): Promise<{ entries: FeedEntry[]; open: string | null; heldFor: number }> {
  const { rows } = await sql.query<FeedEntry & { open: string; heldFor: number }>(
    `SELECT xid::text AS xid, seq::text AS seq, tenant_id AS "tenantId", entity, entity_id AS "entityId",
       pg_snapshot_xmin(pg_current_snapshot())::text AS open,
       CASE WHEN xid >= pg_snapshot_xmin(pg_current_snapshot()) THEN extract(epoch FROM now() - at) ELSE 0 END::float8 AS "heldFor"
     FROM millwright.changes
     WHERE (xid, seq) > ($1::xid8, $2::bigint) ORDER BY xid, seq LIMIT $3`,
    [after.xid, after.seq, limit],
  )
  return {
    entries: rows,
    open: rows[0]?.open ?? null,
    heldFor: Math.max(0, ...rows.map((row) => row.heldFor)),
  }
}

async function keptCursor({ db }: FleetRun): Promise<Cursor | null> {
  const stored = await db.selectFrom('cloudLink').select(['feedXid', 'feedSeq']).executeTakeFirst()
  const [feedOf, xid] = stored?.feedXid?.split(' ') ?? []
  if (feedOf === undefined || xid === undefined) return null
  return { feedOf, xid, seq: String(stored?.feedSeq ?? 0) }
}

/** @param before as it was kept last: where somebody has forgotten it meanwhile, it stays forgotten */
export async function keepCursor(
  { db }: FleetRun,
  { feedOf, xid, seq }: Cursor,
  before: Cursor | null,
): Promise<void> {
  await db
    .updateTable('cloudLink')
    .set({ feedXid: `${feedOf} ${xid}`, feedSeq: Number(seq) })
    .where('feedXid', 'is', before && `${before.feedOf} ${before.xid}`)
    .execute()
}

/** Entries behind a cursor that were taken already: while a transaction is open for long they are read again and again. */
export class TakenAhead {
  readonly #names = new Set<string>()
  static readonly MOST = 100_000

  has(entry: FeedEntry): boolean {
    return this.#names.has(nameOf(entry))
  }

  add(entry: FeedEntry): void {
    // What is not remembered is taken twice, which changes nothing.
    if (this.#names.size < TakenAhead.MOST) this.#names.add(nameOf(entry))
  }

  remove(entry: FeedEntry): void {
    this.#names.delete(nameOf(entry))
  }

  clear(): void {
    this.#names.clear()
  }
}

function nameOf({ xid, seq }: FeedEntry): string {
  return `${xid} ${seq}`
}
