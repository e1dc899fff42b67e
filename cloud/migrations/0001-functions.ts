import { DEFINER } from './0001-who.ts'

/** What a site is told after hello() and adopt(). */
const session = `CREATE FUNCTION millwright.session_of(p_site uuid, p_result text) RETURNS jsonb
LANGUAGE sql STABLE ${DEFINER} AS $$
  SELECT jsonb_build_object(
    'result', p_result,
    'siteId', s.id, 'siteKey', s.key, 'siteName', s.name, 'generation', s.generation, 'lastSeenAt', s.last_seen_at,
    'schemaVersion', (SELECT value::integer FROM millwright.meta WHERE key = 'schema_version'),
    'compatibleFrom', (SELECT value::integer FROM millwright.meta WHERE key = 'compatible_from'),
    'storage', (SELECT value FROM millwright.meta WHERE key = 'storage'),
    'cloudId', (SELECT value FROM millwright.meta WHERE key = 'cloud_id'),
    'feedOf', millwright.feed_of(),
    'cloudNow', floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    'tenants', (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', t.id, 'key', t.key, 'slug', t.slug, 'name', t.name, 'mode', st.mode) ORDER BY t.key), '[]')
      FROM millwright.site_tenants st JOIN millwright.tenants t ON t.id = st.tenant_id
      WHERE st.site_id = s.id AND t.deleted_at IS NULL))
  FROM millwright.sites s WHERE s.id = p_site
$$`

/**
 * Which counter the feed's transaction numbers are of. A cloud that was restored, into another cluster or to an earlier time
 * (a new timeline), counts anew, and cursors of before are worth nothing there.
 */
const feedOf = `CREATE FUNCTION millwright.feed_of() RETURNS text LANGUAGE plpgsql STABLE ${DEFINER} AS $$
BEGIN
  RETURN (SELECT s.system_identifier || '.' || c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c);
EXCEPTION WHEN OTHERS THEN
  RETURN '';
END
$$`

/**
 * Whether a cursor in the feed still holds: of the same cluster, not ahead of it (it was restored to an earlier time), and
 * nothing after it was cut off. Where it does not, a site pulls everything.
 */
const feedHolds = `CREATE FUNCTION millwright.feed_holds(p_feed_of text, p_xid text, p_seq bigint) RETURNS boolean
LANGUAGE sql STABLE ${DEFINER} AS $$
  SELECT p_feed_of = millwright.feed_of()
    AND p_xid::xid8 < pg_snapshot_xmax(pg_current_snapshot())
    AND p_xid::xid8 >= coalesce((SELECT value::xid8 FROM millwright.meta WHERE key = 'feed_cut_at'), '0'::xid8)
$$`

/**
 * Whether the entry that a cursor stands on is there, seen by the site or not, or was cut off. Where it is neither, the cloud
 * is of a time before it.
 */
const feedHas = `CREATE FUNCTION millwright.feed_has(p_xid text, p_seq bigint) RETURNS boolean
LANGUAGE sql STABLE ${DEFINER} AS $$
  SELECT EXISTS (SELECT FROM millwright.changes WHERE xid = p_xid::xid8 AND seq = p_seq)
    OR p_xid::xid8 <= coalesce((SELECT value::xid8 FROM millwright.meta WHERE key = 'feed_cut_at'), '0'::xid8)
$$`

/**
 * Begins a session of a site: the token of its last one is its proof to be the copy that the cloud talked with last (a
 * copied data folder has an old one), and is replaced. Only the token's SHA-256 is kept. The time seen and the offset add up
 * to p_now_ms again, by which a site knows its own hello() where the answer did not reach it.
 */
const hello = `CREATE FUNCTION millwright.hello(
  p_site uuid, p_tokens text[], p_new_token text, p_version text, p_now_ms bigint) RETURNS jsonb
LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  me uuid := millwright.my_site();
  known text;
BEGIN
  SELECT token INTO known FROM millwright.sites WHERE id = me FOR UPDATE;
  IF me IS NULL OR p_site <> me THEN
    RETURN jsonb_build_object('result', 'unknown_site');
  END IF;
  IF known IS NOT NULL AND NOT EXISTS (
    SELECT FROM unnest(p_tokens) AS given (token)
    WHERE encode(sha256(convert_to(given.token, 'UTF8')), 'hex') = known
  ) THEN
    RETURN millwright.session_of(me, 'copied');
  END IF;
  UPDATE millwright.sites SET
    token = encode(sha256(convert_to(p_new_token, 'UTF8')), 'hex'), app_version = p_version, last_seen_at = now(),
    clock_offset_ms = p_now_ms - floor(extract(epoch FROM now()) * 1000)::bigint
  WHERE id = me;
  PERFORM millwright.upkeep_when_due();
  RETURN millwright.session_of(me, 'ok');
END
$$`

/** A person said that this copy is the one that stays: the other one's token is worth nothing from here on. */
const adopt = `CREATE FUNCTION millwright.adopt(p_site uuid, p_new_token text) RETURNS jsonb
LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  me uuid := millwright.my_site();
BEGIN
  IF me IS NULL OR p_site <> me THEN
    RETURN jsonb_build_object('result', 'unknown_site');
  END IF;
  UPDATE millwright.sites SET
    token = encode(sha256(convert_to(p_new_token, 'UTF8')), 'hex'), generation = generation + 1, last_seen_at = now()
  WHERE id = me;
  RETURN millwright.session_of(me, 'ok');
END
$$`

const offerTenant = `CREATE FUNCTION millwright.offer_tenant(
  p_tenant uuid, p_slug text, p_name text, p_mode text) RETURNS text
LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  me uuid := millwright.my_site();
  made boolean;
BEGIN
  IF me IS NULL THEN
    RAISE EXCEPTION 'only a site offers tenants' USING ERRCODE = '42501';
  END IF;
  INSERT INTO millwright.tenants (id, slug, name, home_site) VALUES (p_tenant, p_slug, p_name, me)
  ON CONFLICT (id) DO NOTHING;
  made := FOUND;
  IF made THEN
    INSERT INTO millwright.site_tenants (site_id, tenant_id, mode) VALUES (me, p_tenant, p_mode)
    ON CONFLICT (site_id, tenant_id) DO UPDATE SET mode = excluded.mode;
    RETURN 'made';
  END IF;
  UPDATE millwright.site_tenants SET mode = p_mode WHERE site_id = me AND tenant_id = p_tenant AND mode <> p_mode;
  IF EXISTS (SELECT FROM millwright.site_tenants WHERE site_id = me AND tenant_id = p_tenant) THEN
    RETURN 'shared';
  END IF;
  RETURN 'refused';
END
$$`

/** `off` keeps the tenant shared: the site may turn it on again. @returns whether it is shared with this site */
const setMode = `CREATE FUNCTION millwright.set_mode(p_tenant uuid, p_mode text) RETURNS boolean
LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  UPDATE millwright.site_tenants SET mode = p_mode
  WHERE site_id = millwright.my_site() AND tenant_id = p_tenant;
  RETURN FOUND;
END
$$`

/**
 * What a site is called that has a tenant in common with the one that asks, by the first digits of its id, which its stamps
 * end with.
 */
const siteCalled = `CREATE FUNCTION millwright.site_called(p_node text, p_tenant uuid) RETURNS text
LANGUAGE sql STABLE ${DEFINER} AS $$
  SELECT s.name FROM millwright.site_tenants st JOIN millwright.sites s ON s.id = st.site_id
  WHERE st.tenant_id = p_tenant AND p_tenant = ANY (millwright.my_tenants()) AND left(s.id::text, 8) = p_node
  ORDER BY s.key LIMIT 1
$$`

/** What a site sent of a tenant besides readings, in the order in which it goes. */
const takenBack = [
  'channels',
  'certificates',
  'assignments',
  'gateways',
  'users',
  'audit',
  'conflicts',
  'sync_state',
]

/**
 * Takes back what a site sent of a tenant: at most `p_limit` rows a call, readings first. The tenant itself goes last,
 * where this site brought it and no other has it.
 */
const takeBack = `CREATE FUNCTION millwright.take_back(p_site uuid, p_tenant uuid, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql ${DEFINER} SET enable_seqscan = off AS $$
DECLARE
  most integer := least(greatest(p_limit, 1), 1000000);
  gone integer := 0;
  n integer;
  objects integer := 0;
  one bigint;
  last timestamptz;
BEGIN
  FOR one IN SELECT key FROM millwright.channels WHERE site_id = p_site AND tenant_id = p_tenant ORDER BY key LOOP
    SELECT max(page.ts) INTO last FROM (
      SELECT ts FROM millwright.telemetry WHERE channel = one ORDER BY ts LIMIT most - gone) page;
    CONTINUE WHEN last IS NULL;
    DELETE FROM millwright.telemetry WHERE channel = one AND ts <= last;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    IF gone >= most THEN
      RETURN jsonb_build_object('readings', gone, 'objects', 0, 'done', false);
    END IF;
  END LOOP;

${takenBack
  .map(
    (table) => `  DELETE FROM millwright.${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM millwright.${table} WHERE site_id = p_site AND tenant_id = p_tenant LIMIT most - objects));
  GET DIAGNOSTICS n = ROW_COUNT;
  objects := objects + n;
  IF objects >= most THEN
    RETURN jsonb_build_object('readings', gone, 'objects', objects, 'done', false);
  END IF;
`,
  )
  .join('')}
  DELETE FROM millwright.site_tenants WHERE site_id = p_site AND tenant_id = p_tenant;
  DELETE FROM millwright.tenants t WHERE t.id = p_tenant AND t.home_site = p_site
    AND NOT EXISTS (SELECT FROM millwright.site_tenants st WHERE st.tenant_id = t.id)
    AND NOT EXISTS (SELECT FROM millwright.channels c WHERE c.tenant_id = t.id)
    AND NOT EXISTS (SELECT FROM millwright.gateways g WHERE g.tenant_id = t.id);
  GET DIAGNOSTICS n = ROW_COUNT; objects := objects + n;
  RETURN jsonb_build_object('readings', gone, 'objects', objects, 'done', true);
END
$$`

const forgetTenant = `CREATE FUNCTION millwright.forget_tenant(p_tenant uuid, p_limit integer DEFAULT 50000) RETURNS jsonb
LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  IF millwright.my_site() IS NULL THEN
    RAISE EXCEPTION 'only a site takes back' USING ERRCODE = '42501';
  END IF;
  RETURN millwright.take_back(millwright.my_site(), p_tenant, p_limit);
END
$$`

/** Months ahead, and the feed's old end cut off. For a nightly job; hello() sees to it where there is none. */
const makeAhead = `CREATE FUNCTION millwright.make_ahead() RETURNS void LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  cut xid8;
BEGIN
  PERFORM millwright.ensure_months(now(), now() + interval '3 months');
  SELECT xid INTO cut FROM millwright.changes WHERE at < now() - interval '90 days' ORDER BY xid DESC LIMIT 1;
  IF cut IS NOT NULL THEN
    DELETE FROM millwright.changes WHERE xid <= cut AND at < now() - interval '90 days';
    INSERT INTO millwright.meta VALUES ('feed_cut_at', cut::text)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value;
  END IF;
  INSERT INTO millwright.meta VALUES ('upkeep_at', now()::text)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END
$$`

/** At most twice a day, and never two at once: whoever comes second goes on. */
const upkeepWhenDue = `CREATE FUNCTION millwright.upkeep_when_due() RETURNS void LANGUAGE plpgsql ${DEFINER}
SET lock_timeout = '2s' AS $$
BEGIN
  IF EXISTS (SELECT FROM millwright.meta WHERE key = 'upkeep_at' AND value::timestamptz > now() - interval '12 hours') THEN
    RETURN;
  END IF;
  PERFORM FROM millwright.meta WHERE key = 'cloud_id' FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    PERFORM millwright.make_ahead();
  END IF;
EXCEPTION WHEN OTHERS OR query_canceled THEN
  -- A site comes in also where tables are held by somebody: the next one tries again.
  RAISE LOG 'millwright: upkeep failed: %', SQLERRM;
END
$$`

/** Which sites may call, besides those of `cloud/readings`. */
const forSites = [
  'hello(uuid, text[], text, text, bigint)',
  'adopt(uuid, text)',
  'offer_tenant(uuid, text, text, text)',
  'set_mode(uuid, text)',
  'forget_tenant(uuid, integer)',
  'site_called(text, uuid)',
  'feed_holds(text, text, bigint)',
  'feed_has(text, bigint)',
]
const forAll = [
  'my_site()',
  'my_site_key()',
  'my_reader_tenant()',
  'my_tenants()',
  'my_tenant_keys()',
  'am_admin()',
]

export const functions: readonly string[] = [
  feedOf,
  feedHolds,
  feedHas,
  session,
  makeAhead,
  upkeepWhenDue,
  hello,
  adopt,
  offerTenant,
  setMode,
  takeBack,
  forgetTenant,
  siteCalled,
  ...forSites.map((name) => `GRANT EXECUTE ON FUNCTION millwright.${name} TO millwright_site`),
  ...forAll.map(
    (name) => `GRANT EXECUTE ON FUNCTION millwright.${name} TO millwright_site, millwright_reader`,
  ),
]
