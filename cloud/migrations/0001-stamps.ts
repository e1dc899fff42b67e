import { DEFINER } from './0001-who.ts'

/**
 * Stamps (hybrid logical clock, `<ms, 13 digits>-<counter, 4 hex digits>-<node, 8 hex digits>`) of the fields that both
 * sides may change, and the feed of what changed. The node of the cloud itself is `cccccccc`.
 */
const stampFields = `CREATE FUNCTION millwright.stamp_fields() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, millwright, pg_temp AS $$
DECLARE
  now_ms bigint := floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint;
  was jsonb := '{}';
  before jsonb := '{}';
  after jsonb;
  versions jsonb := coalesce(NEW.field_versions, '{}');
  entry record;
  latest text;
  stamp text;
  field text;
BEGIN
  NEW.updated_at := clock_timestamp();
  IF TG_NARGS = 0 THEN
    RETURN NEW;
  END IF;
  after := to_jsonb(NEW);
  IF TG_OP = 'UPDATE' THEN
    before := to_jsonb(OLD);
    was := OLD.field_versions;
  END IF;

  -- What a site writes is taken; but a clock that runs ahead must not win for as long as it was ahead.
  FOR entry IN SELECT key, value FROM jsonb_each_text(versions) LOOP
    IF entry.value IS NULL OR entry.value !~ '^[0-9]{13}-[0-9a-f]{4}-[0-9a-f]{8}$' THEN
      RAISE EXCEPTION 'field_versions: % is no stamp', entry.key USING ERRCODE = '23514';
    END IF;
    IF entry.value IS DISTINCT FROM was ->> entry.key AND left(entry.value, 13)::bigint > now_ms + 60000 THEN
      versions := versions || jsonb_build_object(
        entry.key, lpad((now_ms + 60000)::text, 13, '0') || substr(entry.value, 14));
    END IF;
  END LOOP;

  -- What changed without a stamp was changed here, by SQL: the cloud stamps it, later than all that the row has seen.
  FOREACH field IN ARRAY TG_ARGV LOOP
    CONTINUE WHEN TG_OP = 'INSERT' AND versions ? field;
    CONTINUE WHEN TG_OP = 'UPDATE' AND (
      before -> field IS NOT DISTINCT FROM after -> field OR versions -> field IS DISTINCT FROM was -> field);
    IF stamp IS NULL THEN
      SELECT max(value COLLATE "C") INTO latest FROM jsonb_each_text(was || versions);
      stamp := lpad(now_ms::text, 13, '0') || '-0000-cccccccc';
      IF latest IS NOT NULL AND latest COLLATE "C" >= stamp COLLATE "C" THEN
        -- The counter's four digits carry over into the milliseconds.
        stamp := CASE WHEN substr(latest, 15, 4) = 'ffff'
          THEN lpad((left(latest, 13)::bigint + 1)::text, 13, '0') || '-0000'
          ELSE left(latest, 14)
            || lpad(to_hex(('x' || lpad(substr(latest, 15, 4), 8, '0'))::bit(32)::integer + 1), 4, '0')
          END || '-cccccccc';
      END IF;
    END IF;
    versions := versions || jsonb_build_object(field, stamp);
  END LOOP;
  NEW.field_versions := versions;
  RETURN NEW;
END
$$`

/** First argument: the entity; second: `site` where only the row's site is concerned, `tenant` where each that has it. */
const tellChange = `CREATE FUNCTION millwright.tell_change() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  row_now jsonb;
  entity text := TG_ARGV[0];
BEGIN
  IF TG_OP = 'DELETE' THEN
    row_now := to_jsonb(OLD);
  ELSE
    row_now := to_jsonb(NEW);
  END IF;
  INSERT INTO millwright.changes (tenant_id, site_id, entity, entity_id)
  VALUES (
    coalesce(row_now ->> 'tenant_id', row_now ->> 'id')::uuid,
    CASE TG_ARGV[1] WHEN 'site' THEN (row_now ->> 'site_id')::uuid END,
    entity,
    CASE entity WHEN 'site_tenant' THEN (row_now ->> 'tenant_id')::uuid ELSE (row_now ->> 'id')::uuid END
  );
  IF TG_ARGV[1] = 'site' AND TG_OP = 'UPDATE' AND row_now ->> 'site_id' <> to_jsonb(OLD) ->> 'site_id' THEN
    INSERT INTO millwright.changes (tenant_id, site_id, entity, entity_id)
    VALUES ((to_jsonb(OLD) ->> 'tenant_id')::uuid, (to_jsonb(OLD) ->> 'site_id')::uuid, entity,
      (row_now ->> 'id')::uuid);
  END IF;
  PERFORM pg_notify('millwright_changes', '');
  RETURN NULL;
END
$$`

/** Every new tenant at sites with all tenants. */
const shareNewTenant = `CREATE FUNCTION millwright.share_new_tenant() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  INSERT INTO millwright.site_tenants (site_id, tenant_id)
  SELECT id, NEW.id FROM millwright.sites WHERE all_tenants AND role_name IS NOT NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$`

/** A gateway that SQL gave to a tenant takes the tenant to its site. Sites cannot do that: policies keep them to theirs. */
const shareWithGateway = `CREATE FUNCTION millwright.share_with_gateway() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  IF millwright.my_site() IS NULL THEN
    INSERT INTO millwright.site_tenants (site_id, tenant_id) VALUES (NEW.site_id, NEW.tenant_id)
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
$$`

/** A channel's key says whose it is: take_readings() and the view of readings rest on that. */
const numberChannel = `CREATE FUNCTION millwright.number_channel() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  site_key bigint;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.key <> OLD.key OR NEW.site_id <> OLD.site_id THEN
      RAISE EXCEPTION 'a channel keeps its key and its site' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
  END IF;
  SELECT key INTO site_key FROM millwright.sites WHERE id = NEW.site_id;
  NEW.key := (site_key << 32) | nextval('millwright.channel_numbers');
  RETURN NEW;
END
$$`

/** The fields of each entity that both sides may change. */
export const twoWayFields = {
  tenants: ['name', 'state'],
  groups: ['parent_id', 'name', 'deleted_at'],
  users: ['state'],
  gateways: ['name', 'state', 'tenant_id', 'group_id', 'owner_user_id'],
} as const

const stamped = [
  ...Object.entries(twoWayFields),
  ['assignments', []],
  ['channels', []],
  ['certificates', []],
] as const

/** Table, entity, whom it concerns, and what of an update is told: all that is two-way has its stamp. */
const told = [
  ['tenants', 'tenant', 'tenant', 'field_versions, deleted_at'],
  ['groups', 'group', 'tenant', 'field_versions, deleted_at'],
  ['users', 'user', 'site', 'field_versions, deleted_at, site_id'],
  ['gateways', 'gateway', 'site', 'field_versions, deleted_at, site_id'],
  ['site_tenants', 'site_tenant', 'site', 'mode'],
  ['conflicts', 'conflict', 'tenant', 'resolved_at'],
] as const

const differ = (columns: string) =>
  `(${columns.replaceAll(/\w+/g, 'OLD.$&')}) IS DISTINCT FROM (${columns.replaceAll(/\w+/g, 'NEW.$&')})`

export const stamps: readonly string[] = [
  stampFields,
  tellChange,
  shareNewTenant,
  shareWithGateway,
  numberChannel,
  ...stamped.map(
    ([table, fields]) => `CREATE TRIGGER stamp_fields BEFORE INSERT OR UPDATE ON millwright.${table}
FOR EACH ROW EXECUTE FUNCTION millwright.stamp_fields(${fields.map((field) => `'${field}'`).join(', ')})`,
  ),
  ...told.flatMap(([table, entity, whom, columns]) => [
    `CREATE TRIGGER tell_new AFTER INSERT OR DELETE ON millwright.${table}
FOR EACH ROW EXECUTE FUNCTION millwright.tell_change('${entity}', '${whom}')`,
    `CREATE TRIGGER tell_changed AFTER UPDATE ON millwright.${table}
FOR EACH ROW WHEN (${differ(columns)}) EXECUTE FUNCTION millwright.tell_change('${entity}', '${whom}')`,
  ]),
  `CREATE TRIGGER share_new_tenant AFTER INSERT ON millwright.tenants
FOR EACH ROW EXECUTE FUNCTION millwright.share_new_tenant()`,
  `CREATE TRIGGER share_with_gateway AFTER INSERT OR UPDATE OF tenant_id, site_id ON millwright.gateways
FOR EACH ROW EXECUTE FUNCTION millwright.share_with_gateway()`,
  `CREATE TRIGGER number_channel BEFORE INSERT OR UPDATE OF key, site_id ON millwright.channels
FOR EACH ROW EXECUTE FUNCTION millwright.number_channel()`,
]
