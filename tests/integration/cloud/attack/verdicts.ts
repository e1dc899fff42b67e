/**
 * What every table, view and function of the schema gives to whom. The attack test walks the catalog and fails at what has
 * no line here: whoever adds a table decides.
 */

/**
 * `own`: rows of the asking site, or of the reader's tenant. `tenants`: of any tenant that is shared with the site. `all`:
 * every row. `none`: not even the question is allowed.
 */
export type Sight = 'own' | 'tenants' | 'all' | 'none'

export interface RelationVerdict {
  site: Sight
  reader: Sight
  /** How a row is known. */
  owner: { site?: string; tenant?: string }
  /** Columns that nobody but the owner reads. */
  hidden?: { site?: string[]; reader?: string[] }
}

const fleet = { site: 'own', reader: 'own', owner: { site: 'site_id', tenant: 'tenant_id' } } as const

export const relations: Record<string, RelationVerdict> = {
  meta: { site: 'all', reader: 'all', owner: {} },
  sites: {
    site: 'own',
    reader: 'tenants',
    owner: { site: 'id' },
    hidden: { site: ['token', 'role_name'], reader: ['token', 'role_name', 'all_tenants', 'generation'] },
  },
  tenants: { site: 'tenants', reader: 'own', owner: { tenant: 'id' } },
  site_tenants: fleet,
  groups: { site: 'tenants', reader: 'own', owner: { tenant: 'tenant_id' } },
  users: { ...fleet, hidden: { site: ['password_hash'], reader: ['password_hash'] } },
  gateways: { ...fleet, hidden: { reader: ['secret_salt', 'secret_hash'] } },
  assignments: fleet,
  channels: fleet,
  certificates: fleet,
  audit: fleet,
  conflicts: { site: 'tenants', reader: 'own', owner: { site: 'site_id', tenant: 'tenant_id' } },
  // A row without a site is for all that have its tenant.
  changes: { site: 'own', reader: 'none', owner: { site: 'site_id', tenant: 'tenant_id' } },
  sync_state: fleet,
  mqtt_names: { site: 'none', reader: 'none', owner: {} },
  telemetry: { site: 'none', reader: 'none', owner: {} },
  readings: { site: 'own', reader: 'own', owner: { tenant: 'tenant_id' } },
  devices: fleet,
  emqx_auth: { site: 'none', reader: 'none', owner: {} },
  emqx_acl: { site: 'none', reader: 'none', owner: {} },
}

/** Partitions of telemetry are as telemetry. */
export const verdictOf = (name: string): RelationVerdict | undefined =>
  /^telemetry_(other|\d{4}_\d{2})$/.test(name) ? relations['telemetry'] : relations[name]

/** Who may call it; functions of triggers are called by nobody. */
export const functions: Record<string, 'site' | 'site and reader' | 'nobody'> = {
  my_site: 'site and reader',
  my_site_key: 'site and reader',
  my_reader_tenant: 'site and reader',
  my_tenants: 'site and reader',
  my_tenant_keys: 'site and reader',
  am_admin: 'site and reader',
  hourly: 'site and reader',
  hello: 'site',
  adopt: 'site',
  offer_tenant: 'site',
  set_mode: 'site',
  forget_tenant: 'site',
  site_called: 'site',
  feed_has: 'site',
  feed_holds: 'site',
  open_incoming: 'site',
  take_readings: 'site',
  day_digests: 'site',
  own_incoming: 'nobody',
  take_back: 'nobody',
  feed_of: 'nobody',
  session_of: 'nobody',
  ensure_months: 'nobody',
  make_ahead: 'nobody',
  upkeep_when_due: 'nobody',
  keep_slug: 'nobody',
  time_conflict: 'nobody',
  keep_tree: 'nobody',
  stamp_fields: 'nobody',
  tell_change: 'nobody',
  share_new_tenant: 'nobody',
  share_with_gateway: 'nobody',
  number_channel: 'nobody',
  certificate_md5: 'nobody',
  mqtt_names_of: 'nobody',
  claim_mqtt_names: 'nobody',
  pass_mqtt_name: 'nobody',
  keep_mqtt_names: 'nobody',
}
