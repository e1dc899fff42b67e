import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/**
 * Many organisations on one site: groups, memberships with roles, invitations, second factors, tokens, keys, MQTT
 * clients. A person may belong to several tenants, so role and tenant leave the user for the membership.
 *
 * SQLite cannot change a check: `users`, `sessions` and `certificates` are made anew. The caller has foreign keys
 * off meanwhile (https://www.sqlite.org/lang_altertable.html, section 7), and checks them afterwards.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  ...[
    'gatewayQuota integer',
    'messagesPerHour integer',
    'messagesPerSecond integer',
    'burst integer',
    'gatewayMessagesPerSecond integer',
    'gatewayBurst integer',
    'storageDays integer',
    'suspendedAt integer',
    'suspendReason text',
    'deletionRequestedAt integer',
    'deletionAt integer',
    'exportJobId text',
  ].map((column) => `alter table tenants add column ${column}`),

  `create table groups (
    id text primary key, tenantId text not null references tenants (id), parentId text references groups (id),
    name text not null collate nocase, createdAt integer not null
  ) strict, without rowid`,
  `create unique index groupsByName on groups (tenantId, coalesce(parentId, ''), name)`,
  `create index groupsByParent on groups (parentId)`,

  // Built-in roles have no tenant, and their permissions stand in code; here they carry what a site decides of them.
  `create table roles (
    id text primary key, tenantId text references tenants (id), name text not null collate nocase,
    permissions text not null, secondFactor integer not null default 0 check (secondFactor in (0, 1)),
    createdAt integer not null
  ) strict, without rowid`,
  `create unique index rolesByName on roles (coalesce(tenantId, ''), name)`,
  ...['site_admin', 'tenant_admin', 'operator', 'viewer'].map(
    (role) =>
      `insert into roles (id, tenantId, name, permissions, createdAt) values ('${role}', null, '${role}', '[]', 0)`,
  ),

  `create table newUsers (
    id text primary key, email text not null unique, username text unique, name text not null, passwordHash text,
    siteAdmin integer not null check (siteAdmin in (0, 1)),
    state text not null check (state in ('invited', 'active', 'suspended')),
    createdAt integer not null, lastLoginAt integer,
    passwordChangedAt integer, mustChangePassword integer not null default 0 check (mustChangePassword in (0, 1)),
    siteAdminProviderId text, emailOwn integer not null default 0 check (emailOwn in (0, 1))
  ) strict, without rowid`,
  `insert into newUsers (id, email, name, passwordHash, siteAdmin, state, createdAt, lastLoginAt, passwordChangedAt)
    select id, email, name, passwordHash, role = 'site_admin', 'active', createdAt, lastLoginAt, createdAt from users`,

  `create table memberships (
    userId text not null references users (id) on delete cascade, tenantId text not null references tenants (id),
    roleId text not null references roles (id),
    reach text not null check (reach in ('tenant', 'groups', 'own')), createdAt integer not null,
    invitedAt integer, invitedName text,
    providerId text references signOnProviders (id) on delete cascade,
    primary key (userId, tenantId)
  ) strict, without rowid`,
  `create index membershipsByTenant on memberships (tenantId)`,
  `insert into memberships (userId, tenantId, roleId, reach, createdAt)
    select id, tenantId, role, 'tenant', createdAt from users where tenantId is not null`,
  // With reach 'groups': a group that is deleted takes the right with it, and never widens it.
  `create table membershipGroups (
    userId text not null, tenantId text not null, groupId text not null references groups (id) on delete cascade,
    primary key (userId, tenantId, groupId),
    foreign key (userId, tenantId) references memberships (userId, tenantId) on delete cascade
  ) strict, without rowid`,
  `create index membershipGroupsByGroup on membershipGroups (groupId)`,

  `create table newSessions (
    id text primary key, kind text not null check (kind in ('browser', 'api')), tokenHash text unique,
    userId text not null references users (id) on delete cascade,
    tenantId text references tenants (id) on delete cascade,
    providerId text references signOnProviders (id) on delete cascade,
    createdAt integer not null, expiresAt integer not null, lastSeenAt integer not null,
    address text not null, userAgent text not null, activeAt integer, lockedAt integer
  ) strict, without rowid`,
  `insert into newSessions
    select substr(tokenHash, 1, 32), 'browser', tokenHash, userId, null, null, createdAt, expiresAt, lastSeenAt, address,
      userAgent, null, null from sessions`,
  `drop table sessions`,
  `drop table users`,
  `alter table newUsers rename to users`,
  `alter table newSessions rename to sessions`,
  `create index sessionsByUser on sessions (userId)`,

  // A refresh token lives once: one that is shown again ends the whole session (RFC 9700 4.14.2).
  `create table refreshTokens (
    tokenHash text primary key, sessionId text not null references sessions (id) on delete cascade,
    createdAt integer not null, expiresAt integer not null, usedAt integer
  ) strict, without rowid`,
  `create index refreshTokensBySession on refreshTokens (sessionId)`,
  `create index refreshTokensByExpiry on refreshTokens (expiresAt)`,

  // Where a person signs in from: guessing from elsewhere never locks them out there.
  `create table signInNetworks (
    userId text not null references users (id) on delete cascade, network text not null, lastAt integer not null,
    primary key (userId, network)
  ) strict, without rowid`,

  `create table invitations (
    id text primary key, userId text not null references users (id) on delete cascade,
    tenantId text references tenants (id) on delete cascade,
    kind text not null check (kind in ('invite', 'reset')), tokenHash text not null unique,
    createdAt integer not null, expiresAt integer not null, usedAt integer, createdById text
  ) strict, without rowid`,
  `create index invitationsByUser on invitations (userId)`,

  // The seed is sealed. "lastStep": a code counts once (RFC 6238 5.2).
  `create table secondFactors (
    userId text primary key references users (id) on delete cascade, sealedSecretId text not null,
    confirmedAt integer, lastStep integer, createdAt integer not null
  ) strict, without rowid`,
  `create table recoveryCodes (
    userId text not null references users (id) on delete cascade, codeHash text not null, usedAt integer,
    primary key (userId, codeHash)
  ) strict, without rowid`,

  `create table signOnProviders (
    id text primary key, name text not null unique collate nocase, issuer text not null, clientId text not null,
    sealedSecretId text, scopes text not null, groupClaim text, mappings text not null, siteAdminGroup text,
    makesAccounts integer not null check (makesAccounts in (0, 1)),
    trustsEmail integer not null check (trustsEmail in (0, 1)),
    destinations text not null, caCertificate text,
    enabled integer not null check (enabled in (0, 1)), createdAt integer not null
  ) strict, without rowid`,
  `create table signOnIdentities (
    providerId text not null references signOnProviders (id) on delete cascade, subject text not null,
    userId text not null references users (id) on delete cascade, createdAt integer not null,
    primary key (providerId, subject)
  ) strict, without rowid`,

  // Of the site, a tenant, a group of it, or the gateways of a person.
  `create table apiKeys (
    id text primary key, tenantId text references tenants (id), groupId text references groups (id),
    ownerUserId text references users (id) on delete cascade,
    createdById text references users (id) on delete set null, name text not null, prefix text not null unique,
    hash text not null, scopes text not null, createdAt integer not null, expiresAt integer, lastUsedAt integer,
    lastUsedAddress text, revokedAt integer
  ) strict, without rowid`,
  `create index apiKeysByTenant on apiKeys (tenantId)`,

  // Of a tenant, a group of it, or a person, whose reach it then has.
  `create table mqttClients (
    id text primary key, tenantId text not null references tenants (id), groupId text references groups (id),
    ownerUserId text references users (id) on delete cascade, name text not null, username text not null unique,
    passwordSalt text, passwordHash text, passwordSetAt integer,
    rights text not null check (rights in ('read', 'write', 'both')), topics text not null, prefix text not null,
    state text not null check (state in ('active', 'suspended')), createdAt integer not null, createdById text,
    expiresAt integer, lastConnectedAt integer, lastAddress text
  ) strict, without rowid`,
  `create index mqttClientsByTenant on mqttClients (tenantId)`,

  `create table newCertificates (
    id text primary key,
    kind text not null check (kind in ('device_root', 'device_issuing', 'server_issuing', 'web_ca', 'broker', 'web', 'gateway', 'mqtt_client')),
    gatewayId text references gateways (id), issuerId text references certificates (id),
    serial text not null, subject text not null, keyAlgorithm text not null, fingerprint text not null unique,
    pem text not null, notBefore integer not null, notAfter integer not null,
    state text not null check (state in ('active', 'revoked', 'superseded')),
    revokedAt integer, revocationReason text, createdAt integer not null,
    mqttClientId text references mqttClients (id) on delete set null
  ) strict, without rowid`,
  `insert into newCertificates select *, null from certificates`,
  `drop table certificates`,
  `alter table newCertificates rename to certificates`,
  `create index certificatesByGateway on certificates (gatewayId)`,
  `create index certificatesByMqttClient on certificates (mqttClientId)`,
  `create unique index certificatesBySerial on certificates (issuerId, serial)`,
  `create index certificatesByState on certificates (issuerId, state)`,

  ...['gateways', 'assignments'].flatMap((table) => [
    `alter table ${table} add column groupId text references groups (id)`,
    `alter table ${table} add column ownerUserId text references users (id) on delete set null`,
  ]),
  `create index gatewaysByGroup on gateways (groupId)`,
  `create index gatewaysByOwner on gateways (ownerUserId)`,

  // By the hour that begins at "hour", ms.
  `create table tenantUsage (
    tenantId text not null references tenants (id) on delete cascade, hour integer not null, messages integer not null,
    dropped integer not null, delayed integer not null, closed integer not null, primary key (tenantId, hour)
  ) strict, without rowid`,
  `create table gatewayLimits (
    gatewayId text not null references gateways (id) on delete cascade, hour integer not null, dropped integer not null,
    delayed integer not null, closed integer not null, primary key (gatewayId, hour)
  ) strict, without rowid`,
]
