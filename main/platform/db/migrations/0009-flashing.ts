import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/** The bench: firmware bundles and their publishers, Wi-Fi networks, runs, flash jobs and birth records. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table tenants add column signedFirmwareOnly integer not null default 0`,

  `create table firmwareBundles (
    id text primary key, tenantId text references tenants (id) on delete cascade, name text not null, version text not null,
    kind text not null check (kind in ('gateway', 'other')), builds text not null, abilities text not null, manifest blob not null,
    hash text not null, size integer not null, publicKey text, signature text, importedAt integer not null,
    importedByName text not null
  ) strict, without rowid`,
  `create unique index firmwareBundlesByHash on firmwareBundles (hash, coalesce(tenantId, ''))`,

  `create table firmwarePublishers (
    id text primary key, tenantId text references tenants (id) on delete cascade, name text not null collate nocase,
    publicKey text not null, addedAt integer not null, addedByName text not null
  ) strict, without rowid`,
  `create unique index firmwarePublishersByKey on firmwarePublishers (publicKey, coalesce(tenantId, ''))`,

  `create table wifiNetworks (
    id text primary key, tenantId text not null references tenants (id) on delete cascade, ssid text not null,
    sealedSecretId text, createdAt integer not null, createdByName text not null, unique (tenantId, ssid)
  ) strict, without rowid`,

  `create table benchRuns (
    id text primary key, tenantId text not null references tenants (id) on delete cascade,
    groupId text references groups (id) on delete set null, name text not null, setup text not null, facts text not null,
    state text not null check (state in ('open', 'stopping', 'ended')), nextNumber integer not null, startedAt integer not null,
    startedById text, startedByName text not null, endedAt integer
  ) strict, without rowid`,
  `create unique index openBenchRuns on benchRuns (tenantId) where state = 'open'`,
  `create index benchRunsByTenant on benchRuns (tenantId, startedAt)`,

  `create table flashJobs (
    id text primary key, runId text references benchRuns (id) on delete cascade,
    tenantId text not null references tenants (id) on delete cascade,
    kind text not null check (kind in ('gateway', 'identify', 'erase', 'backup', 'restore', 'write', 'settings', 'firmware')),
    port text not null, portIdentity text not null,
    state text not null check (state in ('running', 'passed', 'failed', 'cancelled', 'skipped', 'interrupted')),
    step text not null check (step in ('connecting', 'preparing', 'erasing', 'writing', 'verifying', 'booting', 'waiting')),
    attempt integer not null default 1, tries integer not null default 0, board text, mac text, code text, name text, label text,
    gatewayId text references gateways (id) on delete set null, committedAt integer, again integer not null default 0,
    serial text, fingerprint text, regions text not null default '[]',
    contactAt integer, firstReading text, firmware text, labelledAt integer, action text,
    fileName text, fileBytes integer, errorCode text, errorData text, startedAt integer not null, startedById text,
    startedByName text not null, endedAt integer
  ) strict, without rowid`,
  `create index flashJobsByRun on flashJobs (runId, startedAt)`,
  `create index flashJobsByTenant on flashJobs (tenantId, startedAt)`,
  `create index flashJobsByGateway on flashJobs (gatewayId, startedAt)`,
  `create index runningFlashJobs on flashJobs (state) where state = 'running'`,

  `create table birthRecords (
    id text primary key, jobId text not null references flashJobs (id) on delete cascade,
    gatewayId text not null references gateways (id) on delete cascade, tenantId text not null, record text not null,
    signature text not null, keyId text not null, createdAt integer not null
  ) strict, without rowid`,
  `create index birthRecordsByGateway on birthRecords (gatewayId, createdAt)`,
  `create unique index birthRecordsByJob on birthRecords (jobId)`,
]
