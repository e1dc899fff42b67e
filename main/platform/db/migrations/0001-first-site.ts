import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/** The first schema: one site, its people, gateways, certificates, channels and audit. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table settings (key text primary key, value text not null) strict, without rowid`,

  `create table tenants (
    id text primary key, slug text not null unique, name text not null,
    state text not null check (state in ('active', 'suspended')), createdAt integer not null
  ) strict, without rowid`,

  `create table users (
    id text primary key, email text not null unique, name text not null, passwordHash text not null,
    role text not null check (role in ('site_admin', 'tenant_admin', 'operator', 'viewer')),
    tenantId text references tenants (id), createdAt integer not null, lastLoginAt integer,
    failedLogins integer not null default 0, lockedUntil integer,
    check ((role = 'site_admin') = (tenantId is null))
  ) strict, without rowid`,

  `create table sessions (
    tokenHash text primary key, userId text not null references users (id) on delete cascade,
    createdAt integer not null, expiresAt integer not null, lastSeenAt integer not null,
    address text not null, userAgent text not null
  ) strict, without rowid`,
  `create index sessionsByUser on sessions (userId)`,

  `create table gateways (
    id text primary key, tenantId text not null references tenants (id), assignmentId text, mac text,
    code text not null, label text not null unique, name text not null, platform text, hardwareRevision text,
    firmwareVersion text, maxDevices integer not null, dialect text not null,
    state text not null check (state in ('unclaimed', 'claimed', 'active', 'suspended', 'revoked')),
    metadata text not null default '{}', createdAt integer not null, claimedAt integer, activatedAt integer,
    lastSeenAt integer, deletedAt integer
  ) strict, without rowid`,
  `create unique index gatewaysByMac on gateways (mac) where mac is not null and deletedAt is null`,
  `create unique index gatewaysByCode on gateways (tenantId, code) where deletedAt is null`,
  `create index gatewaysInOrder on gateways (code, id)`,

  `create table assignments (
    id text primary key, gatewayId text not null references gateways (id),
    tenantId text not null references tenants (id), fromAt integer not null, toAt integer
  ) strict, without rowid`,
  `create unique index openAssignments on assignments (gatewayId) where toAt is null`,

  `create table gatewayHistory (
    id integer primary key, gatewayId text not null references gateways (id),
    tenantId text not null references tenants (id),
    kind text not null check (kind in ('state', 'presence')), value text not null, at integer not null,
    reason text, actor text
  ) strict`,
  `create index gatewayHistoryByGateway on gatewayHistory (gatewayId, at)`,
  `create index gatewayHistoryByTime on gatewayHistory (at)`,
  `create index gatewayHistoryByTenant on gatewayHistory (tenantId, at)`,

  `create table certificates (
    id text primary key,
    kind text not null check (kind in ('device_root', 'device_issuing', 'server_issuing', 'web_ca', 'broker', 'web', 'gateway')),
    gatewayId text references gateways (id), issuerId text references certificates (id),
    serial text not null, subject text not null, keyAlgorithm text not null, fingerprint text not null unique,
    pem text not null, notBefore integer not null, notAfter integer not null,
    state text not null check (state in ('active', 'revoked', 'superseded')),
    revokedAt integer, revocationReason text, createdAt integer not null
  ) strict, without rowid`,
  `create index certificatesByGateway on certificates (gatewayId)`,
  `create unique index certificatesBySerial on certificates (issuerId, serial)`,
  `create index certificatesByState on certificates (issuerId, state)`,

  `create table sealedSecrets (
    id text primary key, purpose text not null, box blob not null, createdAt integer not null
  ) strict, without rowid`,

  `create table handovers (
    certificateId text primary key references certificates (id), gatewayId text not null references gateways (id),
    sealedSecretId text not null, createdAt integer not null, expiresAt integer not null,
    fetchCount integer not null default 0, lastFetchedAt integer, endedAt integer, endedBy text
  ) strict, without rowid`,
  `create index openHandovers on handovers (expiresAt) where endedAt is null`,

  `create table crls (
    issuerId text primary key references certificates (id), number integer not null,
    thisUpdate integer not null, nextUpdate integer not null, der blob not null
  ) strict, without rowid`,

  `create table channels (
    id text primary key, seriesId integer not null unique, assignmentId text not null references assignments (id),
    gatewayId text not null references gateways (id), tenantId text not null references tenants (id),
    key text not null, name text, unit text,
    kind text not null check (kind in ('number', 'integer', 'boolean', 'text')),
    lowLimit real, highLimit real, createdAt integer not null, unique (assignmentId, key)
  ) strict, without rowid`,
  `create index channelsByGateway on channels (gatewayId)`,

  `create table refusals (
    id text primary key, gatewayId text, tenantId text, reason text not null, address text not null,
    clientId text, fingerprint text, topic text, detail text, count integer not null,
    firstAt integer not null, lastAt integer not null
  ) strict, without rowid`,
  `create index refusalsByTime on refusals (lastAt)`,
  `create index refusalsByGateway on refusals (gatewayId, lastAt)`,
  `create index refusalsByTenant on refusals (tenantId, lastAt)`,
  // What a refusal is counted on to: found without a search, however many a flood has left.
  `create index refusalsByTrouble on refusals (gatewayId, reason, address, clientId, fingerprint, topic, lastAt)`,

  `create table auditEntries (
    seq integer primary key autoincrement, at integer not null, actorKind text not null, actorId text,
    action text not null, objectKind text, objectId text, tenantId text, outcome text not null, errorCode text,
    requestId text, details text not null, personalHash blob not null, chain blob not null
  ) strict`,
  `create table auditPersonal (
    seq integer primary key references auditEntries (seq), salt blob not null, actorName text not null,
    address text not null
  ) strict`,

  `create table idempotencyKeys (
    key text not null, actor text not null, operation text not null, requestHash text not null,
    resultId text not null, createdAt integer not null, primary key (actor, operation, key)
  ) strict, without rowid`,
  `create index idempotencyKeysByTime on idempotencyKeys (createdAt)`,
]
