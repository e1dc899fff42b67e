/** The link to the cloud: the shared Postgres. */
export const cloudErrors = {
  cloud_not_joined: {
    status: 409,
    message: 'This site has not joined a cloud: join one first (Cloud, or millwright cloud join)',
  },
  cloud_joined_already: {
    status: 409,
    message: 'This site has joined {host}: leave it before you join another',
  },
  cloud_leaving: {
    status: 409,
    message:
      'This site is leaving {host}, where what it sent is being deleted: wait for the end, then join again',
  },
  cloud_url_invalid: {
    status: 422,
    message:
      'The address of the cloud is not right ({problem}): write it as postgres://user@host:5432/database, without a password in it',
  },
  cloud_host_unknown: {
    status: 502,
    message: '{host} has no address: check how it is written, and the DNS of this machine',
  },
  cloud_address_refused: {
    status: 403,
    message: '{host} leads to {address}, which no cloud can be at: nothing was sent there',
  },
  cloud_inside_network: {
    status: 403,
    message:
      '{host} leads to {address}, inside your own network: confirm that the database stands there (insideNetwork; on the command line --inside-network), or correct the address',
  },
  cloud_unreachable: {
    status: 502,
    message: '{host}:{port} does not answer ({cause}): check the link, the port and the firewall in between',
  },
  cloud_silent: {
    status: 504,
    message: '{host} took the connection and then said nothing for {seconds} s: the link is cut or very slow',
  },
  cloud_link_lost: {
    status: 502,
    message: 'The link to {host} broke while {step} ({cause}): it is tried again by itself',
  },
  cloud_not_postgres: {
    status: 502,
    message: 'What answers on {host}:{port} is not a Postgres server',
  },
  cloud_tls_refused: {
    status: 502,
    message: '{host} does not offer TLS: nothing was sent; turn ssl on in its postgresql.conf',
  },
  cloud_certificate_unknown: {
    status: 502,
    message:
      'The certificate of {host} is signed by nobody that this site trusts ({cause}): give the CA that signed it',
  },
  cloud_certificate_name: {
    status: 502,
    message:
      'The certificate of {host} is for {names}: use one of these names, or give the server another certificate',
  },
  cloud_certificate_expired: {
    status: 502,
    message:
      'The certificate of {host} is not valid at this time ({cause}): renew it, or set this machine’s clock',
  },
  cloud_ca_invalid: {
    status: 422,
    message: 'The CA is no certificate in PEM form ({cause})',
  },
  cloud_login_refused: {
    status: 502,
    message:
      '{host} refuses {username}: check name and password, or ask for new ones (millwright cloud rotate)',
  },
  cloud_database_unknown: {
    status: 502,
    message: 'There is no database {database} on {host}',
  },
  cloud_too_many_connections: {
    status: 502,
    message: '{host} takes no more connections now: it is tried again by itself',
  },
  cloud_starting: {
    status: 502,
    message: '{host} is starting or stopping: it is tried again by itself',
  },
  cloud_version_too_old: {
    status: 502,
    message: '{host} runs Postgres {version}: Millwright needs 14 or newer',
  },
  cloud_schema_missing: {
    status: 502,
    message:
      'The database {database} has no Millwright schema: its administrator runs millwright cloud init --url … first',
  },
  cloud_schema_foreign: {
    status: 502,
    message:
      'The database {database} has a schema millwright that Millwright did not make: choose another database',
  },
  cloud_schema_older: {
    status: 502,
    message:
      'The schema of the cloud is version {version}, this site needs {needed}: its administrator runs millwright cloud init again',
  },
  cloud_schema_newer: {
    status: 502,
    message:
      'The schema of the cloud is version {version}, newer than this Millwright knows: update this site',
  },
  cloud_role_unknown: {
    status: 403,
    message:
      '{username} is not the role of a site: its administrator makes one with millwright cloud add-site',
  },
  cloud_role_lacks_rights: {
    status: 403,
    message:
      '{username} lacks a right in the cloud ({cause}): its administrator runs millwright cloud init again',
  },
  cloud_admin_lacks_rights: {
    status: 403,
    message: '{username} may not do that ({cause}): use a role with CREATEROLE that owns the database',
  },
  cloud_another: {
    status: 409,
    message:
      '{host} is another cloud than the one that this site joined: leave and join again, or correct the address',
  },
  cloud_another_site: {
    status: 409,
    message:
      '{username} is the login of another site of the same cloud ({site}): give the login of this one; where it is lost, its administrator makes it a new password (millwright cloud rotate)',
  },
  cloud_login_used: {
    status: 409,
    message:
      'Another installation is linked as {site}, and was last in contact at {at}: ask for a login of its own for this site (millwright cloud add-site). Where that one is gone, confirm that this one takes its place (takeOver; on the command line --take-over), once it has been silent for three minutes',
  },
  cloud_copied: {
    status: 409,
    message:
      'Another copy of this site is linked to the cloud and was last in contact at {at} (a restored backup, a copied folder): this one has stopped sending. Say which of the two stays',
  },
  cloud_full: {
    status: 502,
    message: 'The cloud’s disk is full ({cause}): nothing is lost, sending goes on when there is room',
  },
  cloud_read_only: {
    status: 502,
    message: '{host} takes no changes now (a standby, or read-only): it is tried again by itself',
  },
  cloud_busy: {
    status: 502,
    message: 'The cloud was too busy for that ({cause}): it is tried again by itself',
  },
  cloud_tenant_refused: {
    status: 403,
    message:
      'The tenant {tenant} is in the cloud and not shared with this site: its administrator shares it (millwright cloud share)',
  },
  cloud_tenant_deleted: {
    status: 409,
    message:
      'The tenant {tenant} was deleted in the cloud: nothing of it is sent; choose off for it here, or have its administrator undo that',
  },
  cloud_tenant_sends_none: {
    status: 409,
    message: 'The tenant {tenant} sends no readings to the cloud: choose readings for it first',
  },
  cloud_sends_no_readings: {
    status: 409,
    message: 'No tenant sends readings to the cloud: choose readings for one first',
  },
  cloud_tenant_linked: {
    status: 409,
    message: 'The tenant {tenant} of the cloud is linked with another tenant here',
  },
  cloud_tenant_sent: {
    status: 409,
    message:
      'The tenant {tenant} has been in the cloud as another one, whose readers see what was sent: leave the cloud and delete what was sent, then join and link it anew',
  },
  cloud_channels_elsewhere: {
    status: 409,
    message:
      'In the cloud the channels of this installation are those of another site: it was linked there under another login, or is a copy. Join with that login, or have its administrator delete that site with its data',
  },
  cloud_refused: {
    status: 502,
    message: 'The cloud refused it: {cause}',
  },
  cloud_own_fault: {
    status: 500,
    message:
      'This site made a mistake of its own while {step} ({cause}): it is tried again by itself; report it with the log',
  },
  cloud_text_nul: {
    status: 422,
    message: '{field} holds a NUL character, which Postgres cannot store: take it out',
  },
  cloud_text_surrogate: {
    status: 422,
    message: '{field} holds half of a character (a lone surrogate): correct the text',
  },
  cloud_time_out_of_range: {
    status: 422,
    message: 'The time {ts} is outside what Postgres can store',
  },
  cloud_value_not_a_number: {
    status: 422,
    message: 'The value of {channel} is not a finite number',
  },
  cloud_channel_gone: {
    status: 409,
    message: 'The channel of this reading is gone: discard it or export it',
  },
  cloud_role_exists: {
    status: 409,
    message: 'The cloud has {name} already: choose another name, or rotate its password',
  },
  cloud_site_unknown: {
    status: 404,
    message: 'The cloud has no site {site}: millwright cloud status lists them',
  },
  cloud_tenant_unknown: {
    status: 404,
    message: 'The cloud has no tenant {tenant}: millwright cloud status lists them',
  },
  cloud_tenant_ambiguous: {
    status: 409,
    message: 'Several tenants of the cloud are called {tenant}: name one by its id ({ids})',
  },
  cloud_login_none: {
    status: 409,
    message: '{name} has no login in the cloud',
  },
  cloud_transaction_open: {
    status: 502,
    message:
      'Somebody has left a transaction open in the cloud’s server for {minutes} min: changes arrive all the same, but are read again and again; its administrator ends it (pg_stat_activity)',
  },
  cloud_clock_wrong: {
    status: 502,
    message:
      'This machine’s clock is {seconds} s away from the cloud’s: set it; changes made meanwhile may lose against others',
  },
} as const
