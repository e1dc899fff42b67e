/**
 * Who asks. A site is known by the role that it logged in with and by nothing that it says: `session_user` stays the same
 * under SET ROLE and in SECURITY DEFINER functions. The policies ask once a statement, by `(SELECT …)`.
 *
 * Every SECURITY DEFINER function of the schema sets its search_path, with the session's temporary schema last, where the
 * caller could put tables of the names that a function looks for; and none of them reads an object that the caller made: a
 * view, a policy, a cast or a generated column of it would run the caller's code with the owner's rights.
 */
export const DEFINER = 'SECURITY DEFINER SET search_path = pg_catalog, millwright, pg_temp'

export const whoAmI: readonly string[] = [
  `CREATE FUNCTION millwright.my_site() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE ${DEFINER} AS $$
  SELECT id FROM millwright.sites WHERE role_name = session_user::text
$$`,
  `CREATE FUNCTION millwright.my_site_key() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE ${DEFINER} AS $$
  SELECT key FROM millwright.sites WHERE role_name = session_user::text
$$`,
  // A reader's tenant stands in the name of its role, which only an administrator gives.
  `CREATE FUNCTION millwright.my_reader_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE ${DEFINER} AS $$
  SELECT id FROM millwright.tenants
  WHERE id = substring(session_user::text FROM '^millwright_reader_([0-9a-f]{32})$')::uuid
$$`,
  `CREATE FUNCTION millwright.my_tenants() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE ${DEFINER} AS $$
  SELECT coalesce(array_agg(mine.id), '{}') FROM (
    SELECT tenant_id AS id FROM millwright.site_tenants WHERE site_id = millwright.my_site()
    UNION ALL
    SELECT millwright.my_reader_tenant() WHERE millwright.my_reader_tenant() IS NOT NULL
  ) AS mine
$$`,
  `CREATE FUNCTION millwright.my_tenant_keys() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE ${DEFINER} AS $$
  SELECT coalesce(array_agg(key), '{}') FROM millwright.tenants WHERE id = ANY (millwright.my_tenants())
$$`,
  `CREATE FUNCTION millwright.am_admin() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE ${DEFINER} AS $$
  SELECT pg_has_role(session_user, 'millwright_admin', 'USAGE')
$$`,
]
