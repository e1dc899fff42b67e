/**
 * The tables of the fleet and of the exchange. Objects of several sites may refer to what has not arrived yet (readings
 * do not wait for the fleet), so only sites and tenants are referred to by foreign keys.
 */

/** Of every table of the fleet: see `FieldVersions`. */
const versioned = `
  field_versions jsonb NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now()`

export const tables: readonly string[] = [
  `CREATE TABLE millwright.meta (
  key text PRIMARY KEY,
  value text NOT NULL
)`,
  `CREATE TABLE millwright.sites (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  key integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  name text NOT NULL,
  role_name text UNIQUE,
  all_tenants boolean NOT NULL DEFAULT false,
  token text,
  generation integer NOT NULL DEFAULT 1,
  app_version text,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz,
  clock_offset_ms bigint
)`,
  `CREATE UNIQUE INDEX sites_name ON millwright.sites (lower(name)) WHERE role_name IS NOT NULL`,
  `CREATE TABLE millwright.tenants (
  id uuid PRIMARY KEY,
  key integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  slug text NOT NULL,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
  home_site uuid REFERENCES millwright.sites ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,${versioned}
)`,
  `CREATE INDEX tenants_slug ON millwright.tenants (slug)`,
  `CREATE TABLE millwright.site_tenants (
  site_id uuid NOT NULL REFERENCES millwright.sites ON DELETE CASCADE,
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  mode text NOT NULL DEFAULT 'fleet' CHECK (mode IN ('off', 'fleet', 'telemetry')),
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (site_id, tenant_id)
)`,
  `CREATE INDEX site_tenants_tenant ON millwright.site_tenants (tenant_id)`,
  `CREATE TABLE millwright.groups (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  parent_id uuid,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,${versioned}
)`,
  `CREATE INDEX groups_tenant ON millwright.groups (tenant_id)`,
  `CREATE TABLE millwright.users (
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  site_id uuid DEFAULT millwright.my_site() REFERENCES millwright.sites ON DELETE SET NULL,
  email text,
  username text,
  name text NOT NULL,
  state text NOT NULL CHECK (state IN ('invited', 'active', 'suspended')),
  role text,
  reach text CHECK (reach IN ('tenant', 'groups', 'own')),
  group_ids uuid[] NOT NULL DEFAULT '{}',
  password_hash text,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,${versioned},
  PRIMARY KEY (tenant_id, id)
)`,
  `CREATE TABLE millwright.gateways (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  site_id uuid NOT NULL REFERENCES millwright.sites ON DELETE CASCADE,
  group_id uuid,
  owner_user_id uuid,
  mac text,
  code text NOT NULL,
  label text NOT NULL,
  name text NOT NULL,
  platform text,
  hardware_revision text,
  firmware_version text,
  max_devices integer,
  dialect text NOT NULL,
  profile text,
  credential text NOT NULL CHECK (credential IN ('certificate', 'secret', 'both')),
  metadata jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL CHECK (state IN ('unclaimed', 'claimed', 'active', 'suspended', 'revoked')),
  bind_state text CHECK (bind_state IN ('pending', 'bound')),
  created_at timestamptz NOT NULL DEFAULT now(),
  claimed_at timestamptz,
  activated_at timestamptz,
  last_seen_at timestamptz,
  deleted_at timestamptz,
  secret_salt text CHECK (secret_salt ~ '^([0-9a-f]{2})*$'),
  secret_hash text CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
  usernames text[] NOT NULL DEFAULT '{}',
  client_ids text[] NOT NULL DEFAULT '{}',
  topics jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(topics) = 'array'),${versioned}
)`,
  `CREATE INDEX gateways_tenant ON millwright.gateways (tenant_id)`,
  `CREATE INDEX gateways_site ON millwright.gateways (site_id)`,
  `CREATE INDEX gateways_usernames ON millwright.gateways USING gin (usernames)`,
  `CREATE TABLE millwright.assignments (
  id uuid PRIMARY KEY,
  gateway_id uuid NOT NULL,
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  site_id uuid NOT NULL REFERENCES millwright.sites ON DELETE CASCADE,
  group_id uuid,
  owner_user_id uuid,
  from_at timestamptz NOT NULL,
  to_at timestamptz,
  code text,${versioned}
)`,
  `CREATE INDEX assignments_gateway ON millwright.assignments (gateway_id)`,
  `CREATE INDEX assignments_tenant ON millwright.assignments (tenant_id)`,
  // The lower 32 bits of channels' keys.
  `CREATE SEQUENCE millwright.channel_numbers MAXVALUE 4294967295`,
  `CREATE TABLE millwright.channels (
  key bigint PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  site_id uuid NOT NULL REFERENCES millwright.sites ON DELETE CASCADE,
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  gateway_id uuid NOT NULL,
  assignment_id uuid NOT NULL,
  name text NOT NULL,
  title text,
  unit text,
  kind text NOT NULL CHECK (kind IN ('number', 'integer', 'boolean', 'text')),
  low_limit double precision,
  high_limit double precision,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,${versioned}
)`,
  `CREATE INDEX channels_tenant ON millwright.channels (tenant_id)`,
  `CREATE INDEX channels_gateway ON millwright.channels (gateway_id)`,
  `CREATE TABLE millwright.certificates (
  id uuid PRIMARY KEY,
  site_id uuid NOT NULL REFERENCES millwright.sites ON DELETE CASCADE,
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  gateway_id uuid NOT NULL,
  kind text NOT NULL,
  serial text NOT NULL,
  subject text NOT NULL,
  key_algorithm text NOT NULL,
  fingerprint text NOT NULL,
  not_before timestamptz NOT NULL,
  not_after timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'revoked', 'superseded')),
  revoked_at timestamptz,
  revocation_reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  pem text NOT NULL,${versioned}
)`,
  `CREATE INDEX certificates_gateway ON millwright.certificates (gateway_id)`,
  `CREATE INDEX certificates_tenant ON millwright.certificates (tenant_id)`,
  `CREATE TABLE millwright.audit (
  site_id uuid NOT NULL REFERENCES millwright.sites ON DELETE CASCADE,
  generation integer NOT NULL,
  seq bigint NOT NULL,
  tenant_id uuid REFERENCES millwright.tenants ON DELETE CASCADE,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL,
  actor_id text,
  action text NOT NULL,
  object_kind text,
  object_id text,
  outcome text NOT NULL,
  error_code text,
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (site_id, generation, seq)
)`,
  `CREATE INDEX audit_tenant ON millwright.audit (tenant_id, at)`,
  `CREATE TABLE millwright.conflicts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  site_id uuid DEFAULT millwright.my_site() REFERENCES millwright.sites ON DELETE SET NULL,
  entity text NOT NULL,
  entity_id uuid NOT NULL,
  field text NOT NULL,
  kept jsonb,
  kept_stamp text NOT NULL,
  kept_by text NOT NULL,
  other jsonb,
  other_stamp text NOT NULL,
  other_by text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  resolved_by text
)`,
  `CREATE INDEX conflicts_tenant ON millwright.conflicts (tenant_id, at)`,
  `CREATE TABLE millwright.sync_state (
  site_id uuid NOT NULL REFERENCES millwright.sites ON DELETE CASCADE,
  tenant_id uuid NOT NULL REFERENCES millwright.tenants ON DELETE CASCADE,
  backlog_rows bigint NOT NULL DEFAULT 0,
  backlog_seconds bigint NOT NULL DEFAULT 0,
  readings_sent bigint NOT NULL DEFAULT 0,
  bytes_sent bigint NOT NULL DEFAULT 0,
  dead_letters integer NOT NULL DEFAULT 0,
  lost_readings bigint NOT NULL DEFAULT 0,
  state text NOT NULL,
  reported_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (site_id, tenant_id)
)`,
  `CREATE TABLE millwright.changes (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  site_id uuid,
  entity text NOT NULL,
  entity_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (xid, seq)
)`,
  `CREATE INDEX changes_at ON millwright.changes USING brin (at)`,
  // Whose a name at the EMQX cluster is. Two sites may give two gateways the same name; at a broker that both use only
  // one of them can have it, or each would have the other's topics.
  `CREATE TABLE millwright.mqtt_names (
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('username', 'certificate', 'common_name')),
  gateway_id uuid NOT NULL REFERENCES millwright.gateways ON DELETE CASCADE,
  PRIMARY KEY (name, kind)
)`,
  `CREATE INDEX mqtt_names_gateway ON millwright.mqtt_names (gateway_id)`,
  `CREATE VIEW millwright.devices WITH (security_barrier) AS
SELECT tenant_id, site_id, gateway_id, assignment_id, split_part(name, '/', 1) AS name,
  count(*)::integer AS channels, min(created_at) AS created_at
FROM millwright.channels
WHERE deleted_at IS NULL AND position('/' IN name) > 0 AND (
  site_id = (SELECT millwright.my_site())
  OR tenant_id = (SELECT millwright.my_reader_tenant())
  OR (SELECT millwright.am_admin()))
GROUP BY tenant_id, site_id, gateway_id, assignment_id, split_part(name, '/', 1)`,
]
