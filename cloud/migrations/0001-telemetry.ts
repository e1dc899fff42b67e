import { DEFINER } from './0001-who.ts'

export type CloudStorage = 'native' | 'timescale'

/** Readings older than this leave a TimescaleDB; Postgres' own partitions are kept until somebody drops them. */
export const RETENTION_DAYS = 365

/** One definition for both; no primary key yet, for Postgres wants it on the partitioned table and Timescale before the chunks. */
const columns = `(
  channel bigint NOT NULL,
  ts timestamptz NOT NULL,
  seq bigint NOT NULL,
  value double precision,
  tenant integer NOT NULL,
  flags smallint NOT NULL,
  text text,
  PRIMARY KEY (channel, ts)
)`

/**
 * Months from 2015 to three months ahead have a partition each once somebody asks for them; all other times lie in the
 * default partition. A month that enters the range takes its rows out of it.
 */
const ensureMonths = `CREATE FUNCTION millwright.ensure_months(p_from timestamptz, p_to timestamptz) RETURNS integer
LANGUAGE plpgsql ${DEFINER} SET timezone = 'UTC' AS $$
DECLARE
  first timestamptz := date_trunc('month', greatest(p_from, timestamptz '2015-01-01 00:00:00+00'));
  last timestamptz := date_trunc('month', least(p_to, now() + interval '3 months'));
  month timestamptz;
  part text;
  made integer := 0;
BEGIN
  FOR month IN SELECT generate_series(first, last, interval '1 month') LOOP
    part := 'telemetry_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass('millwright.' || part) IS NOT NULL;
    -- Of two sessions that miss the same month one makes it; the other finds it made. (Not an advisory lock: anybody who
    -- may connect could hold that.)
    PERFORM FROM millwright.meta WHERE key = 'storage' FOR UPDATE;
    -- Not to_regclass() again: the session keeps in mind what it did not find.
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_class WHERE relname = part AND relnamespace = 'millwright'::regnamespace);
    -- Made apart and attached: CREATE TABLE … PARTITION OF would lock out everybody who reads or writes.
    EXECUTE format('CREATE TABLE millwright.%I (LIKE millwright.telemetry INCLUDING ALL)', part);
    EXECUTE format('ALTER TABLE millwright.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
    EXECUTE format('CREATE POLICY admin ON millwright.%I TO millwright_admin USING (true) WITH CHECK (true)', part);
    EXECUTE format(
      'WITH moved AS (DELETE FROM millwright.telemetry_other WHERE ts >= %1$L AND ts < %2$L RETURNING *)
       INSERT INTO millwright.%3$I SELECT * FROM moved',
      month, month + interval '1 month', part);
    EXECUTE format(
      'ALTER TABLE millwright.telemetry ATTACH PARTITION millwright.%1$I FOR VALUES FROM (%2$L) TO (%3$L)',
      part, month, month + interval '1 month');
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$`

const native: readonly string[] = [
  `CREATE TABLE millwright.telemetry ${columns} PARTITION BY RANGE (ts)`,
  'CREATE INDEX telemetry_ts ON millwright.telemetry USING brin (ts)',
  'CREATE TABLE millwright.telemetry_other PARTITION OF millwright.telemetry DEFAULT',
  ...['telemetry', 'telemetry_other'].flatMap((table) => [
    `ALTER TABLE millwright.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY admin ON millwright.${table} TO millwright_admin USING (true) WITH CHECK (true)`,
  ]),
  ensureMonths,
]

/** @param extension the schema that TimescaleDB's functions are in, quoted */
function timescale(extension: string, community: boolean): string[] {
  return [
    `CREATE TABLE millwright.telemetry ${columns}`,
    `SELECT ${extension}.create_hypertable('millwright.telemetry'::regclass, 'ts'::name,
  chunk_time_interval => interval '7 days', create_default_indexes => false)`,
    'CREATE INDEX telemetry_ts ON millwright.telemetry USING brin (ts)',
    // Chunks are made by themselves.
    `CREATE FUNCTION millwright.ensure_months(p_from timestamptz, p_to timestamptz) RETURNS integer
LANGUAGE sql ${DEFINER} AS $$ SELECT 0 $$`,
    ...(community ? compressed(extension) : []),
  ]
}

/**
 * What TimescaleDB offers under its own licence, and not under Apache's. The aggregate also answers for hours that no
 * refresh has seen yet, and is refreshed as far back as readings are kept: a site may send weeks at once.
 */
function compressed(extension: string): string[] {
  return [
    `ALTER TABLE millwright.telemetry SET (
  timescaledb.compress, timescaledb.compress_segmentby = 'channel', timescaledb.compress_orderby = 'ts')`,
    `SELECT ${extension}.add_compression_policy('millwright.telemetry'::regclass, interval '14 days')`,
    `SELECT ${extension}.add_retention_policy('millwright.telemetry'::regclass, interval '${RETENTION_DAYS} days')`,
    `CREATE MATERIALIZED VIEW millwright.telemetry_hourly
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT channel, ${extension}.time_bucket(interval '1 hour', ts) AS bucket,
  count(value) AS readings, avg(value) AS average, min(value) AS minimum, max(value) AS maximum
FROM millwright.telemetry
GROUP BY 1, 2
WITH NO DATA`,
    `SELECT ${extension}.add_continuous_aggregate_policy('millwright.telemetry_hourly'::regclass,
  start_offset => interval '${RETENTION_DAYS - 5} days', end_offset => interval '1 hour',
  schedule_interval => interval '1 hour')`,
  ]
}

/** Functions that change readings, which may lie in chunks that are compressed. */
const changing = ['take_readings(boolean)', 'take_back(uuid, uuid, integer)'] as const

/**
 * TimescaleDB (2.14 and newer) refuses to unpack more than 100,000 readings for one transaction, which corrections and
 * deletions of old readings need.
 */
export function letUnpack({ timescale: at }: TelemetryOptions): readonly string[] {
  if (!at?.bounded) return []
  return changing.map(
    (name) =>
      `ALTER FUNCTION millwright.${name} SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0`,
  )
}

export interface TelemetryOptions {
  readonly storage: CloudStorage
  readonly timescale: {
    /** Where its functions are, quoted. */
    readonly schema: string
    /** Whether its licence lets it compress. */
    readonly community: boolean
    /** Whether it bounds how much one transaction may unpack. */
    readonly bounded: boolean
  } | null
}

/** Partitions of Postgres, or a hypertable of TimescaleDB; the same columns, the same key, the same functions over it. */
export function telemetry({ storage, timescale: at }: TelemetryOptions): readonly string[] {
  return storage === 'timescale' && at ? timescale(at.schema, at.community) : native
}

const kind = `(ARRAY['number', 'integer', 'boolean', 'text'])[(t.flags >> 8) + 1]`

/** Of a channel that the session may read. Sites see their own, readers their tenant's, administrators all. */
const mayRead = `(c.site_id = (SELECT millwright.my_site())
  OR c.tenant_id = (SELECT millwright.my_reader_tenant())
  OR (SELECT millwright.am_admin()))`

/** How people and sites read: in both storages the same, for a hypertable that is compressed takes no row-level security. */
export function readingsViews({ storage, timescale: at }: TelemetryOptions): readonly string[] {
  const hourly =
    storage === 'timescale' && at?.community
      ? `SELECT c.id, h.bucket, h.readings, h.average, h.minimum, h.maximum
  FROM millwright.channels c
  JOIN millwright.telemetry_hourly h ON h.channel = c.key AND h.bucket >= p_from AND h.bucket < p_to
  WHERE c.id = ANY (p_channels) AND ${mayRead}`
      : `SELECT c.id, date_trunc('hour', t.ts, 'UTC'), count(t.value), avg(t.value), min(t.value), max(t.value)
  FROM millwright.channels c
  JOIN millwright.telemetry t ON t.channel = c.key AND t.ts >= p_from AND t.ts < p_to
  WHERE c.id = ANY (p_channels) AND ${mayRead}
  GROUP BY 1, 2`
  return [
    `CREATE VIEW millwright.readings WITH (security_barrier) AS
SELECT t.channel AS channel_key, c.id AS channel_id, c.tenant_id, c.gateway_id, t.ts, t.value, t.text,
  (t.flags & 255)::smallint AS quality, ${kind} AS kind, t.seq
FROM millwright.telemetry t
JOIN millwright.channels c ON c.key = t.channel
WHERE ${mayRead}`,
    `CREATE FUNCTION millwright.hourly(p_channels uuid[], p_from timestamptz, p_to timestamptz)
RETURNS TABLE (channel_id uuid, bucket timestamptz, readings bigint, average double precision,
  minimum double precision, maximum double precision)
LANGUAGE sql STABLE ${DEFINER} AS $$
  ${hourly}
$$`,
    'GRANT SELECT ON millwright.readings TO millwright_site, millwright_reader',
    `GRANT EXECUTE ON FUNCTION millwright.hourly(uuid[], timestamptz, timestamptz) TO millwright_site, millwright_reader`,
  ]
}
