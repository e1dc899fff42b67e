import { createHmac, createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto'

/** What the chain protects of an entry. */
export interface ChainedEntry {
  format: 1 | 2
  seq: number
  at: number
  actorKind: string
  actorId: string | null
  action: string
  objectKind: string | null
  objectId: string | null
  tenantId: string | null
  outcome: string
  errorCode: string | null
  status: number | null
  path: string | null
  requestId: string | null
  durationMs: number | null
  details: string
  personalHash: Uint8Array
  subjectId: string | null
  subjectHash: Uint8Array | null
}

/** The link before the first entry. */
export const GENESIS = new Uint8Array(32)

export function newSalt(): Buffer {
  return randomBytes(16)
}

/** Personal data lies aside under a salt, so that it can be deleted and the chain still proves the rest. */
export function hashPersonal(salt: Uint8Array, actorName: string, address: string): Buffer {
  return salted(salt, JSON.stringify([actorName, address]))
}

/** The same for what an entry says of a person: its JSON. */
export function hashSubject(salt: Uint8Array, details: string): Buffer {
  return salted(salt, details)
}

function salted(salt: Uint8Array, text: string): Buffer {
  return hash('sha256', Buffer.concat([salt, Buffer.from(text)]), 'buffer')
}

/** HMAC-SHA-256 over the previous link and this entry's fields as a JSON array: no field can run into another. */
export function chainLink(key: Uint8Array, previous: Uint8Array, entry: ChainedEntry): Buffer {
  const fields = entry.format === 1 ? fieldsOfFirstFormat(entry) : fieldsOfSecondFormat(entry)
  return createHmac('sha256', keyOf(key)).update(previous).update(JSON.stringify(fields)).digest()
}

const keys = new WeakMap<Uint8Array, KeyObject>()

/** Made once: making it takes four times as long as using it, and a proof uses it a million times. */
function keyOf(key: Uint8Array): KeyObject {
  let made = keys.get(key)
  if (made === undefined) {
    made = createSecretKey(key)
    keys.set(key, made)
  }
  return made
}

/** Written until migration 0007-audit. It begins with a number: no entry of it reads as one of the second. */
function fieldsOfFirstFormat(entry: ChainedEntry): unknown[] {
  return [
    entry.seq,
    entry.at,
    entry.actorKind,
    entry.actorId,
    entry.action,
    entry.objectKind,
    entry.objectId,
    entry.tenantId,
    entry.outcome,
    entry.errorCode,
    entry.requestId,
    entry.details,
    hex(entry.personalHash),
  ]
}

function fieldsOfSecondFormat(entry: ChainedEntry): unknown[] {
  return [
    'millwright-audit-2',
    entry.seq,
    entry.at,
    entry.actorKind,
    entry.actorId,
    entry.action,
    entry.objectKind,
    entry.objectId,
    entry.tenantId,
    entry.outcome,
    entry.errorCode,
    entry.status,
    entry.path,
    entry.requestId,
    entry.durationMs,
    entry.details,
    hex(entry.personalHash),
    entry.subjectId,
    entry.subjectHash && hex(entry.subjectHash),
  ]
}

export interface Checkpoint {
  /** The last entry that was cut, and its link. */
  seq: number
  chain: Uint8Array
  /** How many were cut until then. */
  entries: number
  /** They are all older than this, ms. */
  before: number
  at: number
}

/** What proves where retention cut: only who has the site key can cut. */
export function sealCheckpoint(key: Uint8Array, { seq, chain, entries, before, at }: Checkpoint): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify(['millwright-audit-checkpoint-1', seq, hex(chain), entries, before, at]))
    .digest()
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
