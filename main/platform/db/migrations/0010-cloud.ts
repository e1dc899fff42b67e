import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { changeTriggers } from './cloud-change-triggers.ts'

/** The link to the cloud: what goes there, what was sent, what waits, what was refused; and what notes every change. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...statements, ...changeTriggers]) await sql.raw(statement).execute(db)
}

const statements = [
  `create table cloudLink (
    id integer primary key check (id = 1), host text not null, port integer not null, database text not null,
    username text not null, sealedSecretId text not null, caCertificate text, insideNetwork integer not null,
    cloudId text not null, siteId text not null, siteKey integer not null, siteName text not null default '', generation integer not null, token text not null,
    pendingToken text, tailSeq integer not null, feedXid text, feedSeq integer,
    paused integer not null default 0, bytesPerSecond integer, windowFrom integer, windowTo integer,
    sendsPasswordHashes integer not null default 0, takesTenants integer not null default 0,
    stoppedBy text, stoppedData text, lastContactAt integer,
    lastSuccessAt integer, cloudSeenAt integer, helloAt integer, joinedAt integer not null, joinedByName text not null,
    leavingAt integer, deletedReadings integer not null default 0, deletedObjects integer not null default 0,
    fleetSentVersion text
  ) strict`,

  `create table cloudTenants (
    tenantId text primary key references tenants (id) on delete cascade, cloudTenantId text not null unique,
    cloudTenantKey integer, mode text not null check (mode in ('off', 'fleet', 'telemetry')), fromAt integer,
    readingsSent integer not null default 0, bytesSent integer not null default 0, readingsLost integer not null default 0,
    lastSuccessAt integer, auditSeq integer, feedFollowed integer not null default 0
  ) strict, without rowid`,

  `create table cloudVersions (
    entity text not null, id text not null, field text not null, stamp text not null, base text,
    primary key (entity, id, field)
  ) strict, without rowid`,

  `create table cloudOutbox (
    seq integer primary key autoincrement, entity text not null, id text not null, tenantId text, queuedAt integer not null,
    attempts integer not null default 0, unique (entity, id)
  ) strict`,

  `create table cloudSweeps (
    id text primary key, kind text not null check (kind in ('history', 'gap', 'resync')), tenantId text, series text,
    afterSeq integer not null, upToSeq integer, fromTs integer, toTs integer, seriesId integer not null default 0, ts integer, total integer,
    sent integer not null default 0, compared integer not null default 0, mended integer not null default 0,
    onlyThere integer not null default 0, onlyThereDays integer not null default 0, newerThere integer not null default 0, createdAt integer not null, createdByName text, begunAt integer, endedAt integer
  ) strict, without rowid`,

  `create table cloudDeadLetters (
    id text primary key, kind text not null check (kind in ('reading', 'object')),
    direction text not null check (direction in ('up', 'down')), tenantId text, seriesId integer, channelId text, ts integer,
    seq integer, flags integer, entity text, entityId text, content text not null, reason text not null,
    reasonData text not null, attempts integer not null default 1, firstAt integer not null, lastAt integer not null,
    retryAskedAt integer
  ) strict, without rowid`,
  `create unique index cloudDeadReadings on cloudDeadLetters (seriesId, ts) where kind = 'reading'`,
  `create unique index cloudDeadObjects on cloudDeadLetters (direction, entity, entityId) where kind = 'object'`,
  // Tells how many there are, and how large they are, without reading them.
  `create index cloudDeadSizes on cloudDeadLetters (kind, length(content))`,
  `create index cloudDeadTenants on cloudDeadLetters (tenantId)`,
  // Looked into each second.
  `create index cloudDeadRetries on cloudDeadLetters (kind, retryAskedAt) where retryAskedAt is not null`,

  `create table cloudConflicts (
    id text primary key, tenantId text, entity text not null, entityId text not null, field text not null,
    kept text not null, keptStamp text not null, keptBy text not null, other text not null, otherStamp text not null,
    otherBy text not null, at integer not null, resolvedAt integer, resolvedByName text
  ) strict, without rowid`,
  `create index cloudConflictsByTime on cloudConflicts (at)`,

  `create table cloudChannels (
    seriesId integer primary key, channelId text not null unique, key integer not null
  ) strict`,
]
