import { INCOMING } from './incoming.ts'

/**
 * Times are exact: whole days and whole ms are added to 1970 (a number of seconds as a double would not do far from it).
 * Needs the time zone UTC, where a day has 24 hours.
 */
const began = `timestamptz '1970-01-01 00:00:00+00' + (i.ts / 86400000) * interval '1 day'
      + (i.ts % 86400000) * interval '1 millisecond'`

/**
 * The readings of the runs of a batch; `which` picks runs. OFFSET 0 keeps the look-up of each channel apart: joined, it
 * was planned as every run against every channel of the site, where Postgres had not counted these yet.
 */
const readingsOf = (which: string) => `
      SELECT i.channel, ${began} + (i.ts_step * r.k + coalesce(r.ts, 0)) * interval '1 millisecond',
        i.seq + i.seq_step * r.k + coalesce(r.seq, 0),
        coalesce(r.float, (i.value + i.value_step * r.k + coalesce(r.value, 0))::double precision / i.scale),
        t.key, i.flags, r.text
      FROM ${INCOMING} i
      CROSS JOIN LATERAL (
        SELECT t.key FROM millwright.channels c JOIN millwright.tenants t ON t.id = c.tenant_id
        WHERE c.key = i.channel AND c.site_id = me OFFSET 0
      ) AS t
      CROSS JOIN LATERAL ROWS FROM (
        generate_series(0, i.n - 1), unnest(i.ts_rest), unnest(i.seq_rest), unnest(i.value_rest),
        unnest(i.floats), unnest(i.texts)
      ) AS r (k, ts, seq, value, float, text)
      WHERE ${which} AND i.ts_step * r.k + coalesce(r.ts, 0) BETWEEN 0 AND i.span`

const insert = (which: string) =>
  `INSERT INTO millwright.telemetry AS old (channel, ts, seq, value, tenant, flags, text)${readingsOf(which)}`

const differs = `float8send(old.value) IS DISTINCT FROM float8send(excluded.value)
            OR old.flags <> excluded.flags OR old.text IS DISTINCT FROM excluded.text`

const upsert = (which: string) => `${insert(which)}
      ON CONFLICT (channel, ts) DO UPDATE
        SET seq = excluded.seq, value = excluded.value, tenant = excluded.tenant, flags = excluded.flags,
          text = excluded.text
        WHERE CASE WHEN p_mend THEN excluded.seq >= old.seq AND (${differs}) ELSE excluded.seq > old.seq END`

/** Readings of the batch that are other here: all that could be written was, so these have a higher version here. */
const countNewer = `SELECT count(*) INTO newer
    FROM (${readingsOf('true')}
    ) AS excluded (channel, ts, seq, value, tenant, flags, text)
    JOIN millwright.telemetry old ON old.channel = excluded.channel AND old.ts = excluded.ts
    WHERE ${differs}`

/**
 * Takes over what this transaction copied into millwright_incoming, once. The higher version of a reading stays; the same again
 * does nothing. Runs that meet nothing in their span are inserted plainly, which is a third cheaper.
 *
 * With `p_mend` (a resync) what differs is replaced too where its version is the same: somebody changed it here. What is the
 * same stays as it is.
 *
 * @returns {"written": readings that were inserted or changed, "newer": with `p_mend`, readings that differ and stay, for
 * their version here is higher}
 * Refuses all with P0001 where a channel is not this site's, or of a tenant not shared with it: DETAIL has their numbers
 * as a JSON list.
 */
export const takeReadings = `CREATE OR REPLACE FUNCTION millwright.take_readings(p_mend boolean DEFAULT false)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, millwright, pg_temp SET timezone = 'UTC'
-- A plan made while the tables were small must not stay with a session for weeks.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $body$
DECLARE
  me uuid := millwright.my_site();
  mine uuid[] := ARRAY(SELECT tenant_id FROM millwright.site_tenants WHERE site_id = me);
  foreigners bigint[];
  runs bigint;
  readings bigint;
  met integer[];
  month record;
  written bigint := 0;
  newer bigint := 0;
  more bigint;
BEGIN
  IF me IS NULL THEN
    RAISE EXCEPTION 'only a site sends readings' USING ERRCODE = '42501';
  END IF;
  PERFORM millwright.own_incoming();

  SELECT array_agg(DISTINCT i.channel) INTO foreigners
  FROM ${INCOMING} i
  WHERE NOT coalesce((
    SELECT c.tenant_id = ANY (mine) FROM millwright.channels c WHERE c.key = i.channel AND c.site_id = me
  ), false);
  IF foreigners IS NOT NULL THEN
    RAISE EXCEPTION 'channels that are not of this site, or of a tenant that is not shared with it'
      USING ERRCODE = 'P0001', DETAIL = array_to_json(foreigners)::text;
  END IF;

  FOR month IN
    SELECT DISTINCT date_trunc('month', ${began}) AS first,
      date_trunc('month', ${began} + i.span * interval '1 millisecond') AS last
    FROM ${INCOMING} i
  LOOP
    PERFORM millwright.ensure_months(month.first, month.last);
  END LOOP;

  SELECT count(*), sum(i.n) INTO runs, readings FROM ${INCOMING} i;
  IF readings < 4 * runs THEN
    -- Looking first would cost as much as it saves.
    met := NULL;
  ELSE
    met := ARRAY(
      SELECT i.run FROM ${INCOMING} i
      WHERE EXISTS (
        SELECT FROM millwright.telemetry t
        WHERE t.channel = i.channel AND t.ts >= ${began}
          AND t.ts <= ${began} + i.span * interval '1 millisecond'
      )
    );
    BEGIN
      IF cardinality(met) = 0 THEN
        ${insert('true')};
        GET DIAGNOSTICS written = ROW_COUNT;
      ELSIF cardinality(met) < runs THEN
        ${insert('i.run <> ALL (met)')};
        GET DIAGNOSTICS written = ROW_COUNT;
      END IF;
    EXCEPTION WHEN unique_violation THEN
      -- Another session of this site was quicker.
      met := NULL;
      written := 0;
    END;
  END IF;

  IF met IS NULL THEN
    ${upsert('true')};
    GET DIAGNOSTICS written = ROW_COUNT;
  ELSIF cardinality(met) > 0 THEN
    ${upsert('i.run = ANY (met)')};
    GET DIAGNOSTICS more = ROW_COUNT;
    written := written + more;
  END IF;
  IF p_mend AND written < readings THEN
    ${countNewer};
  END IF;
  RETURN jsonb_build_object('written', written, 'newer', newer);
END
$body$`
