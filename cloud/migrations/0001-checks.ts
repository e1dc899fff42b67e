import { DEFINER } from './0001-who.ts'

/**
 * What every site can take. A row that was written by SQL, or by a site that is not in order, goes to all sites that have
 * its tenant: what one of them could not read would be everybody's trouble. Longer than what people can type at a site,
 * which looks at what comes down once more.
 */
const oneLine = (column: string, most: number, least = 0) =>
  `char_length(${column}) BETWEEN ${least} AND ${most} AND ${column} !~ '[\\u0001-\\u001f\\u007f]'`
const atMost = (column: string, most: number) => `char_length(${column}) <= ${most}`
/** RFC 9562 4.1, 4.2: other texts of this form are no UUID to a site. */
const uuid = (column: string) => `${column}::text ~ '^.{14}[1-8].{4}[89ab]'`
/** Not ahead of all calendars, nor before computers. */
const finite = (column: string) => `${column} >= '1970-01-01+00' AND ${column} < '10000-01-01+00'`
const stamp = (column: string) => `${column} ~ '^([0-9]{13}-[0-9a-f]{4}-[0-9a-f]{8})?$'`

const checks: Readonly<Record<string, readonly string[]>> = {
  tenants: [uuid('id'), `slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'`, oneLine('name', 250, 1)],
  groups: [uuid('id'), oneLine('name', 150, 1), `position('/' IN name) = 0`],
  users: [
    uuid('id'),
    oneLine('email', 320),
    oneLine('username', 250),
    oneLine('name', 500),
    oneLine('role', 250),
    atMost('password_hash', 1_000),
  ],
  gateways: [
    uuid('id'),
    atMost('mac', 50),
    oneLine('code', 100, 1),
    oneLine('label', 250),
    atMost('name', 250),
    atMost('platform', 250),
    atMost('hardware_revision', 250),
    atMost('firmware_version', 250),
    atMost('dialect', 250),
    atMost('profile', 250),
    'octet_length(metadata::text) <= 1000000',
  ],
  assignments: [uuid('id'), atMost('code', 100)],
  channels: [uuid('id'), atMost('name', 1_000), atMost('title', 1_000), atMost('unit', 250)],
  certificates: [uuid('id'), atMost('pem', 100_000)],
  audit: ['octet_length(details::text) <= 1000000'],
  conflicts: [
    uuid('id'),
    `entity IN ('tenant', 'group', 'user', 'gateway')`,
    oneLine('field', 50, 1),
    ...['kept', 'other'].flatMap((side) => [
      `octet_length(${side}::text) <= 10000`,
      stamp(`${side}_stamp`),
      oneLine(`${side}_by`, 50),
    ]),
    finite('at'),
    finite('resolved_at'),
    atMost('resolved_by', 250),
  ],
  sync_state: [oneLine('state', 100)],
}

/** A tenant's slug stands in the addresses of the site that it comes from; who else has it, has its own. */
const keepSlug = `CREATE FUNCTION millwright.keep_slug() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  IF NEW.slug <> OLD.slug AND millwright.my_site() IS NOT NULL AND millwright.my_site() IS DISTINCT FROM OLD.home_site THEN
    RAISE EXCEPTION 'only the site that a tenant comes from changes its slug' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$`

/** When something was found and settled is by the cloud's clock, whatever a site says. */
const timeConflict = `CREATE FUNCTION millwright.time_conflict() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  IF millwright.my_site() IS NULL THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.at := now();
    NEW.resolved_at := NULL;
    NEW.resolved_by := NULL;
  ELSIF NEW.resolved_at IS DISTINCT FROM OLD.resolved_at THEN
    NEW.resolved_at := CASE WHEN NEW.resolved_at IS NOT NULL THEN now() END;
  END IF;
  RETURN NEW;
END
$$`

/** No group is in itself. Whoever moves groups of a tenant waits for whoever does already: each move may be right by itself. */
const keepTree = `CREATE FUNCTION millwright.keep_tree() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  PERFORM FROM millwright.tenants WHERE id = NEW.tenant_id FOR NO KEY UPDATE;
  IF EXISTS (
    WITH RECURSIVE above AS (
      SELECT parent_id FROM millwright.groups WHERE id = NEW.id
      UNION
      SELECT g.parent_id FROM millwright.groups g JOIN above ON g.id = above.parent_id
    ) SELECT FROM above WHERE parent_id = NEW.id)
  THEN
    RAISE EXCEPTION 'the group % cannot be in itself', NEW.id USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END
$$`

export const rowChecks: readonly string[] = [
  ...Object.entries(checks).map(
    ([table, conditions]) =>
      `ALTER TABLE millwright.${table} ${conditions.map((condition) => `ADD CHECK (${condition})`).join(', ')}`,
  ),
  keepSlug,
  timeConflict,
  keepTree,
  `CREATE TRIGGER keep_slug BEFORE UPDATE OF slug ON millwright.tenants
FOR EACH ROW EXECUTE FUNCTION millwright.keep_slug()`,
  `CREATE TRIGGER time_conflict BEFORE INSERT OR UPDATE ON millwright.conflicts
FOR EACH ROW EXECUTE FUNCTION millwright.time_conflict()`,
  // After the statement: one move may make room for another.
  `CREATE TRIGGER keep_tree AFTER INSERT OR UPDATE OF parent_id ON millwright.groups
FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION millwright.keep_tree()`,
]
