/** Deletes at most `p_limit` readings of one channel of this site, oldest first. @returns how many: 0 when none are left */
export const deleteReadings = `CREATE OR REPLACE FUNCTION millwright.delete_readings(p_channel bigint, p_limit integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, millwright, pg_temp SET enable_seqscan = off AS $body$
DECLARE
  last timestamptz;
  deleted integer;
BEGIN
  IF NOT EXISTS (
    SELECT FROM millwright.channels c WHERE c.key = p_channel AND c.site_id = millwright.my_site()
  ) THEN
    RAISE EXCEPTION 'not a channel of this site' USING ERRCODE = 'P0001', DETAIL = json_build_array(p_channel)::text;
  END IF;
  SELECT max(page.ts) INTO last FROM (
    SELECT t.ts FROM millwright.telemetry t WHERE t.channel = p_channel
    ORDER BY t.ts LIMIT least(greatest(p_limit, 1), 100000)
  ) page;
  DELETE FROM millwright.telemetry t WHERE t.channel = p_channel AND t.ts <= last;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END
$body$`
