/**
 * Who may see and change which rows. Policies are asked of the roles that people and sites log in with, by the groups that
 * they are in; the functions of the schema run as `millwright_admin`, which sees all.
 */
const OWN_SITE = 'site_id = (SELECT millwright.my_site())'
const MY_TENANTS = 'tenant_id = ANY ((SELECT millwright.my_tenants())::uuid[])'
/** Of what sites have in common. A gateway's or a person's conflict is of the site that has them. */
const MY_CONFLICTS = `${MY_TENANTS} AND (entity IN ('tenant', 'group') OR ${OWN_SITE})`
const READER_TENANT = 'tenant_id = (SELECT millwright.my_reader_tenant())'

interface Access {
  /** A condition on rows, and the columns; null: all. */
  readonly read: readonly [condition: string, columns: readonly string[] | null]
  readonly insert?: readonly [condition: string, columns: readonly string[] | null]
  /** Of the rows as they were, of the rows as they become, and the columns. */
  readonly update?: readonly [before: string, after: string, columns: readonly string[]]
}

interface TableAccess {
  readonly site?: Access
  readonly reader?: Access
}

const groupColumns = ['parent_id', 'name', 'deleted_at', 'field_versions']
const userColumns = [
  'tenant_id', 'id', 'site_id', 'email', 'username', 'name', 'state', 'role', 'reach', 'group_ids', 'created_at',
  'deleted_at', 'field_versions', 'updated_at',
] // biome-ignore format: a list of names
const siteColumns = [
  'id', 'key', 'name', 'all_tenants', 'generation', 'app_version', 'created_at', 'last_seen_at', 'clock_offset_ms',
] // biome-ignore format: a list of names
const gatewayColumns = [
  'id', 'tenant_id', 'site_id', 'group_id', 'owner_user_id', 'mac', 'code', 'label', 'name', 'platform',
  'hardware_revision', 'firmware_version', 'max_devices', 'dialect', 'profile', 'credential', 'metadata', 'state',
  'bind_state', 'created_at', 'claimed_at', 'activated_at', 'last_seen_at', 'deleted_at', 'usernames', 'client_ids',
  'topics', 'field_versions', 'updated_at',
] // biome-ignore format: a list of names

const except = (columns: readonly string[], ...names: string[]) =>
  columns.filter((column) => !names.includes(column))

const ownRows = (columns: readonly string[]): Access => ({
  read: [OWN_SITE, null],
  insert: [`${OWN_SITE} AND ${MY_TENANTS}`, null],
  update: [OWN_SITE, `${OWN_SITE} AND ${MY_TENANTS}`, columns],
})

/** Every table of the schema; what is not said is not given. */
export const access: Readonly<Record<string, TableAccess>> = {
  meta: { site: { read: ['true', null] }, reader: { read: ['true', null] } },
  sites: {
    site: { read: ['id = (SELECT millwright.my_site())', siteColumns] },
    // Asked under the reader's own policy of site_tenants.
    reader: {
      read: [
        'id IN (SELECT site_id FROM millwright.site_tenants)',
        except(siteColumns, 'all_tenants', 'generation'),
      ],
    },
  },
  tenants: {
    site: {
      read: ['id = ANY ((SELECT millwright.my_tenants())::uuid[])', null],
      update: [
        'id = ANY ((SELECT millwright.my_tenants())::uuid[])',
        'true',
        ['slug', 'name', 'state', 'field_versions'],
      ],
    },
    reader: { read: ['id = (SELECT millwright.my_reader_tenant())', null] },
  },
  site_tenants: { site: { read: [OWN_SITE, null] }, reader: { read: [READER_TENANT, null] } },
  groups: {
    site: {
      read: [MY_TENANTS, null],
      insert: [MY_TENANTS, null],
      update: [MY_TENANTS, MY_TENANTS, groupColumns],
    },
    reader: { read: [READER_TENANT, null] },
  },
  users: {
    // People are of the site that has their account, also where a tenant is at several.
    site: {
      read: [OWN_SITE, userColumns],
      insert: [`${OWN_SITE} AND ${MY_TENANTS}`, null],
      update: [
        OWN_SITE,
        `${OWN_SITE} AND ${MY_TENANTS}`,
        [...except(userColumns, 'tenant_id', 'id', 'site_id', 'created_at', 'updated_at'), 'password_hash'],
      ],
    },
    reader: { read: [READER_TENANT, userColumns] },
  },
  gateways: {
    site: ownRows([
      ...except(gatewayColumns, 'id', 'site_id', 'created_at', 'updated_at'),
      'secret_salt',
      'secret_hash',
    ]),
    reader: { read: [READER_TENANT, gatewayColumns] },
  },
  assignments: {
    site: ownRows(['tenant_id', 'group_id', 'owner_user_id', 'from_at', 'to_at', 'code', 'field_versions']),
    reader: { read: [READER_TENANT, null] },
  },
  channels: {
    site: ownRows([
      'name',
      'title',
      'unit',
      'kind',
      'low_limit',
      'high_limit',
      'deleted_at',
      'field_versions',
    ]),
    reader: { read: [READER_TENANT, null] },
  },
  certificates: {
    site: ownRows(['tenant_id', 'state', 'revoked_at', 'revocation_reason', 'field_versions']),
    reader: { read: [READER_TENANT, null] },
  },
  audit: {
    site: {
      read: [OWN_SITE, null],
      insert: [`${OWN_SITE} AND (tenant_id IS NULL OR ${MY_TENANTS})`, null],
    },
    reader: { read: [READER_TENANT, null] },
  },
  conflicts: {
    site: {
      read: [MY_CONFLICTS, null],
      insert: [`${OWN_SITE} AND ${MY_TENANTS}`, null],
      update: [MY_CONFLICTS, MY_CONFLICTS, ['resolved_at', 'resolved_by']],
    },
    reader: { read: [READER_TENANT, null] },
  },
  // A row about the site itself also counts once the tenant is not shared with it any more.
  changes: { site: { read: [`${OWN_SITE} OR (site_id IS NULL AND ${MY_TENANTS})`, null] } },
  sync_state: {
    site: {
      read: [OWN_SITE, null],
      insert: [`${OWN_SITE} AND ${MY_TENANTS}`, null],
      update: [
        OWN_SITE,
        OWN_SITE,
        ['backlog_rows', 'backlog_seconds', 'readings_sent', 'bytes_sent', 'dead_letters', 'lost_readings', 'state', 'reported_at'], // biome-ignore format: a list of names
      ],
    },
    reader: { read: [READER_TENANT, null] },
  },
  mqtt_names: {},
}

const list = (columns: readonly string[] | null) => (columns ? ` (${columns.join(', ')})` : '')

/** Row-level security of one table, forced also on its owner. */
export function policiesOf(table: string, { site, reader }: TableAccess): string[] {
  const name = `millwright.${table}`
  const statements = [
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY admin ON ${name} TO millwright_admin USING (true) WITH CHECK (true)`,
  ]
  for (const [role, rights] of [
    ['site', site],
    ['reader', reader],
  ] as const) {
    if (!rights) continue
    const group = `millwright_${role}`
    statements.push(
      `GRANT SELECT${list(rights.read[1])} ON ${name} TO ${group}`,
      `CREATE POLICY ${role}_reads ON ${name} FOR SELECT TO ${group} USING (${rights.read[0]})`,
    )
    if (rights.insert) {
      statements.push(
        `GRANT INSERT${list(rights.insert[1])} ON ${name} TO ${group}`,
        `CREATE POLICY ${role}_inserts ON ${name} FOR INSERT TO ${group} WITH CHECK (${rights.insert[0]})`,
      )
    }
    if (rights.update) {
      const [before, after, columns] = rights.update
      statements.push(
        `GRANT UPDATE${list(columns)} ON ${name} TO ${group}`,
        `CREATE POLICY ${role}_updates ON ${name} FOR UPDATE TO ${group} USING (${before}) WITH CHECK (${after})`,
      )
    }
  }
  return statements
}

export const policies: readonly string[] = [
  'REVOKE ALL ON SCHEMA millwright FROM PUBLIC',
  'GRANT USAGE ON SCHEMA millwright TO millwright_site, millwright_reader, millwright_emqx',
  ...Object.entries(access).flatMap(([table, rights]) => policiesOf(table, rights)),
  'GRANT SELECT ON millwright.devices TO millwright_site, millwright_reader',
]
