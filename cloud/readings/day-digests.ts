const moment = (ms: string) => `timestamptz '1970-01-01 00:00:00+00' + (${ms} / 86400000) * interval '1 day'
        + (${ms} % 86400000) * interval '1 millisecond'`

/**
 * What the cloud has of channels of this site, by UTC day (counted from 1970-01-01): how many readings, and a digest of
 * them. It is the SHA-256 over, in order of time, of each reading: its time (8 bytes, µs since 2000-01-01), value (8
 * bytes, 0 where there is none), flags (2 bytes) and text in UTF-8; numbers with the highest byte first, as Postgres
 * sends them. `p_from` (inclusive) and `p_to` are ms since 1970.
 */
export const dayDigests = `CREATE OR REPLACE FUNCTION millwright.day_digests(
  p_channels bigint[], p_from bigint, p_to bigint
) RETURNS TABLE (channel bigint, day integer, readings integer, digest bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, millwright, pg_temp SET timezone = 'UTC'
SET enable_seqscan = off SET jit = off AS $body$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT t.channel, floor(extract(epoch FROM t.ts) / 86400)::integer, count(*)::integer,
    sha256(string_agg(
      timestamptz_send(t.ts) || float8send(coalesce(t.value, 0)) || int2send(t.flags)
        || convert_to(coalesce(t.text, ''), 'UTF8'),
      ''::bytea ORDER BY t.ts))
  FROM millwright.telemetry t
  WHERE t.channel IN (
      SELECT c.key FROM millwright.channels c WHERE c.key = ANY (p_channels) AND c.site_id = millwright.my_site()
    )
    AND t.ts >= ${moment('p_from')} AND t.ts < ${moment('p_to')}
  GROUP BY 1, 2;
END
$body$`
