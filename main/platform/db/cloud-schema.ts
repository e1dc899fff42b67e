import type { Generated } from 'kysely'
import type { Optional } from './people-schema.ts'

/** The link to the cloud: one row where the site has joined, none before and after. */
export interface CloudLinkTable {
  id: 1
  host: string
  port: number
  database: string
  username: string
  sealedSecretId: string
  /** PEM of the CA that the server's certificate is checked with; null: the public ones. */
  caCertificate: Optional<string>
  /** A person confirmed that the server is inside the plant's network: private addresses may be called. */
  insideNetwork: 0 | 1
  /** The cloud's own id, so that another database at the same address is noticed. */
  cloudId: string
  /** This site's id and number there. */
  siteId: string
  siteKey: number
  /** What the cloud calls it. */
  siteName: Generated<string>
  /** Goes up when a person says that this copy is the one that stays: first part of a reading's version. */
  generation: number
  /** What the cloud knows this copy of the site by; changes with every session. */
  token: string
  /** Given to the cloud, not confirmed yet. */
  pendingToken: Optional<string>
  /** Every reading up to here was sent, lies in a sweep, or is of a tenant that sends none. */
  tailSeq: number
  /** The newest entry of the feed that was taken: its transaction (text) and number. */
  feedXid: Optional<string>
  feedSeq: Optional<number>
  paused: Generated<0 | 1>
  bytesPerSecond: Optional<number>
  /** Minutes after local midnight between which telemetry may be sent; both null: always. */
  windowFrom: Optional<number>
  windowTo: Optional<number>
  sendsPasswordHashes: Generated<0 | 1>
  /** Tenants that the cloud shares with this site come here, in mode `fleet`. */
  takesTenants: Generated<0 | 1>
  /** Code of what a person must do something about; nothing is sent until then. */
  stoppedBy: Optional<string>
  stoppedData: Optional<string>
  lastContactAt: Optional<number>
  lastSuccessAt: Optional<number>
  /** When the cloud saw this site last, by its own clock: one that remembers less was restored from a backup. */
  cloudSeenAt: Optional<number>
  /** What this machine's clock said at the last hello(), answered or not; the cloud repeats it. */
  helloAt: Optional<number>
  joinedAt: number
  joinedByName: string
  /** Since when what was sent is being deleted there; null: the site stays. */
  leavingAt: Optional<number>
  /** What is deleted there so far. */
  deletedReadings: Generated<number>
  deletedObjects: Generated<number>
  /** The version of Millwright that sent the fleet last: another one may say something else of it. */
  fleetSentVersion: Optional<string>
}

/** What of a tenant goes to the cloud. */
export interface CloudTenantTable {
  tenantId: string
  /** Its id there: its own, or that of the tenant that a person linked it with. */
  cloudTenantId: string
  /** Its number there; null until it was offered. */
  cloudTenantKey: Optional<number>
  mode: 'off' | 'fleet' | 'telemetry'
  /** Readings before this are not sent, ms; null: all. */
  fromAt: Optional<number>
  readingsSent: Generated<number>
  bytesSent: Generated<number>
  /** Readings that retention took before they were sent. */
  readingsLost: Generated<number>
  lastSuccessAt: Optional<number>
  /** The newest entry of the audit that was sent; null: none of it is yet. */
  auditSeq: Optional<number>
  /** All of it was looked at in the cloud, and the feed tells what changed since. */
  feedFollowed: Generated<0 | 1>
}

/** Two-way and up fields: the stamp of the value here, and the one that the cloud had when both agreed. */
export interface CloudVersionTable {
  entity: string
  id: string
  field: string
  stamp: string
  base: Optional<string>
}

/** Objects with something to send; one row each, moved to the end when it changes again. */
export interface CloudOutboxTable {
  seq: Generated<number>
  entity: string
  id: string
  /** Of the site; null: to be found when it is sent. */
  tenantId: Optional<string>
  queuedAt: number
  /** How often what the cloud decided of it was refused here. */
  attempts: Generated<number>
}

/** A pass over stored readings. */
export interface CloudSweepTable {
  id: string
  kind: 'history' | 'gap' | 'resync'
  /** Null: of a resync, all tenants that send telemetry; of a gap, of none yet, for its series have no channel. */
  tenantId: Optional<string>
  /** JSON list of series; null: all of the tenant. */
  series: Optional<string>
  /** Readings with a higher ingest sequence; 0: all. */
  afterSeq: number
  /** What came later is the tail's; null: not known yet. */
  upToSeq: Optional<number>
  fromTs: Optional<number>
  toTs: Optional<number>
  /** Where it stands: everything before was sent. */
  seriesId: Generated<number>
  ts: Optional<number>
  /** Readings in all, as estimated when it was made; null: unknown. */
  total: Optional<number>
  sent: Generated<number>
  /** Of a resync: channel days compared, days that differed and were mended. */
  compared: Generated<number>
  mended: Generated<number>
  /** Readings that the cloud has and the site has not, and on how many channel days. */
  onlyThere: Generated<number>
  onlyThereDays: Generated<number>
  /** Readings that differ and stay, for the cloud has a newer version of them. */
  newerThere: Generated<number>
  createdAt: number
  createdByName: Optional<string>
  /** A gap grows until then; null: none of it was sent yet. */
  begunAt: Optional<number>
  endedAt: Optional<number>
}

/** What the cloud, or the site, refused; nothing waits behind it. */
export interface CloudDeadLetterTable {
  id: string
  kind: 'reading' | 'object'
  direction: 'up' | 'down'
  tenantId: Optional<string>
  /** Of a reading: its series and channel. */
  seriesId: Optional<number>
  channelId: Optional<string>
  ts: Optional<number>
  seq: Optional<number>
  flags: Optional<number>
  /** Of an object. */
  entity: Optional<string>
  entityId: Optional<string>
  /** JSON: the reading's value, or the object's fields. */
  content: string
  /** Code of `contract/error-codes/cloud.ts` and its data as JSON. */
  reason: string
  reasonData: string
  attempts: Generated<number>
  firstAt: number
  lastAt: number
  /** A person asked for another try, which has not been made yet. */
  retryAskedAt: Optional<number>
}

/** Two values of one field, changed on both sides; both as JSON. */
export interface CloudConflictTable {
  id: string
  tenantId: Optional<string>
  entity: string
  entityId: string
  field: string
  kept: string
  keptStamp: string
  keptBy: string
  other: string
  otherStamp: string
  otherBy: string
  at: number
  resolvedAt: Optional<number>
  resolvedByName: Optional<string>
}

/** A channel's number in the cloud. */
export interface CloudChannelTable {
  seriesId: number
  channelId: string
  key: number
}
