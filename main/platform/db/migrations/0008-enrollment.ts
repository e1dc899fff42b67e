import { createHash, X509Certificate } from 'node:crypto'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/**
 * What enrollment needs: profiles, aliases, secrets, own dialects, boxes that knock and the windows in which they are claimed,
 * one-time passwords of EST, commands. A hand-over is of a key or of a secret from here on.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
  await hashPublicKeys(db.withTables<WithCertificates>())
}

type WithCertificates = {
  certificates: { id: string; pem: string; publicKeyHash: string | null }
}

/** Of the certificates that are there: a key belongs to one gateway for ever. Of erased ones no text is left. */
async function hashPublicKeys(db: Kysely<WithCertificates>): Promise<void> {
  const certificates = await db
    .selectFrom('certificates')
    .select(['id', 'pem'])
    .where('pem', '!=', '')
    .execute()
  for (const { id, pem } of certificates) {
    const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
    const publicKeyHash = createHash('sha256').update(spki).digest('hex')
    await db.updateTable('certificates').set({ publicKeyHash }).where('id', '=', id).execute()
  }
}

const statements = [
  `create table gatewayProfiles (
    id text primary key, tenantId text not null references tenants (id) on delete cascade, name text not null collate nocase,
    dialect text not null, credential text not null check (credential in ('certificate', 'secret', 'both')),
    keyAlgorithm text not null check (keyAlgorithm in ('ec', 'rsa')), maxDevices integer not null,
    messagesPerSecond real, burst integer, version integer not null, createdAt integer not null, updatedAt integer not null,
    unique (tenantId, name)
  ) strict, without rowid`,

  `alter table gateways add column profileId text references gatewayProfiles (id) on delete set null`,
  `alter table gateways add column credential text not null default 'certificate' check (credential in ('certificate', 'secret', 'both'))`,
  // 0: the dialect is its profile's, and follows it.
  `alter table gateways add column ownDialect integer not null default 1`,
  `alter table gateways add column bindState text check (bindState in ('pending', 'bound'))`,
  `create index gatewaysByProfile on gateways (profileId)`,
  // What a quota counts at each enrollment; with all that the query names, or SQLite reads each row.
  `create index gatewaysOfTenant on gateways (tenantId, assignmentId, deletedAt)
    where assignmentId is not null and deletedAt is null`,

  // What its gateway was called while it was the tenant's: written when it ends.
  `alter table assignments add column code text`,

  // The code of a gateway that nobody has is free; one label is one box, however it is written.
  `drop index gatewaysByCode`,
  `create unique index gatewaysByCode on gateways (tenantId, code) where deletedAt is null and state <> 'unclaimed'`,
  `create unique index gatewaysByLabel on gateways (label collate nocase)`,

  `alter table tenants add column passwordGateways integer not null default 0`,

  // SHA-256 of the SubjectPublicKeyInfo, hex.
  `alter table certificates add column publicKeyHash text`,
  `create index certificatesByKey on certificates (publicKeyHash)`,
  // The authority that signs is found among the certificates of all gateways.
  `create index certificatesByKind on certificates (kind, createdAt)`,

  // What was seen of a refused connection, JSON (contract/model/refusal.ts).
  `alter table refusals add column evidence text`,
  `create index refusalsByAddress on refusals (address, lastAt)`,

  `create table gatewayAliases (
    gatewayId text not null references gateways (id) on delete cascade,
    kind text not null check (kind in ('topic', 'tenant', 'user', 'client_id', 'username')), value text not null collate nocase,
    primary key (gatewayId, kind)
  ) strict, without rowid`,
  `create index aliasesByValue on gatewayAliases (value, kind)`,
  `create unique index aliasesOnce on gatewayAliases (kind, value) where kind in ('client_id', 'username')`,

  // Of a secret: SHA-256 of salt and secret, hex. The secret is 256 random bits.
  `create table gatewaySecrets (
    id text primary key, gatewayId text not null references gateways (id), salt text not null, hash text not null,
    state text not null check (state in ('active', 'revoked')), createdAt integer not null, revokedAt integer
  ) strict, without rowid`,
  `create index secretsByGateway on gatewaySecrets (gatewayId, createdAt)`,

  `create table newHandovers (
    credentialId text primary key, kind text not null check (kind in ('key', 'secret')),
    gatewayId text not null references gateways (id), sealedSecretId text not null,
    createdAt integer not null, expiresAt integer not null, fetchCount integer not null default 0, lastFetchedAt integer,
    endedAt integer, endedBy text
  ) strict, without rowid`,
  `insert into newHandovers select certificateId, 'key', gatewayId, sealedSecretId, createdAt, expiresAt, fetchCount,
    lastFetchedAt, endedAt, endedBy from handovers`,
  `drop table handovers`,
  `alter table newHandovers rename to handovers`,
  `create index openHandovers on handovers (expiresAt) where endedAt is null`,
  `create index handoversByGateway on handovers (gatewayId, createdAt)`,

  // Dialects made by people. "definition" is JSON (contract/model/dialect.ts).
  `create table dialects (
    name text primary key, definition text not null, version integer not null,
    createdAt integer not null, updatedAt integer not null, updatedBy text
  ) strict, without rowid`,

  `create table claimWindows (
    id text primary key, tenantId text not null references tenants (id) on delete cascade,
    openedAt integer not null, endsAt integer not null, openedById text, openedByName text not null
  ) strict, without rowid`,
  `create index claimWindowsByEnd on claimWindows (endsAt)`,

  // Boxes that ask to be enrolled. All that they say of themselves is unproven.
  `create table knocks (
    id text primary key, way text not null check (way in ('bootstrap', 'csr', 'slots', 'tds')),
    mac text, label text, deviceId text, chip text, firmware text, hardware text,
    address text not null, network text not null, polledAt integer,
    credential text not null check (credential in ('certificate', 'secret')),
    pollSecretHash text, tokenHash text, tokenExpiresAt integer,
    csr blob, publicKeyHash text, flagged integer not null, count integer not null,
    firstAt integer not null, lastAt integer not null,
    state text not null check (state in ('waiting', 'claimed', 'delivered', 'dismissed')),
    gatewayId text references gateways (id) on delete cascade, credentialId text, claimedAt integer, claimedByName text
  ) strict, without rowid`,
  `create index knocksByMac on knocks (mac)`,
  `create index knocksByLabel on knocks (label collate nocase)`,
  `create index knocksByDevice on knocks (deviceId collate nocase)`,
  `create index knocksByTime on knocks (state, lastAt)`,
  `create index knocksByKey on knocks (publicKeyHash) where publicKeyHash is not null`,
  `create index knocksByGateway on knocks (gatewayId)`,
  `create unique index knocksByPollSecret on knocks (pollSecretHash) where pollSecretHash is not null`,
  `create unique index knocksByToken on knocks (tokenHash) where tokenHash is not null`,

  `create table commands (
    id text primary key, gatewayId text not null references gateways (id) on delete cascade,
    assignmentId text not null references assignments (id), tenantId text not null references tenants (id),
    name text not null, args text not null, purpose text check (purpose in ('bind')),
    state text not null check (state in ('queued', 'sent', 'acknowledged', 'failed', 'expired', 'cancelled')),
    createdAt integer not null, createdById text, createdByName text not null, expiresAt integer not null,
    sentAt integer, endedAt integer, result text, error text
  ) strict, without rowid`,
  `create index commandsByGateway on commands (gatewayId, createdAt)`,
  `create index openCommands on commands (expiresAt) where endedAt is null`,

  // One-time passwords for EST's simpleenroll.
  `create table estPasswords (
    username text primary key, salt text not null, hash text not null, tenantId text not null references tenants (id) on delete cascade,
    groupId text references groups (id) on delete cascade, profileId text references gatewayProfiles (id) on delete cascade,
    mac text, code text, name text, createdAt integer not null, createdByName text not null, expiresAt integer not null,
    usedAt integer, gatewayId text references gateways (id) on delete cascade
  ) strict, without rowid`,
]
