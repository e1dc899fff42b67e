import { createHash, createHmac, randomBytes } from 'node:crypto'

/** What the chain protects of an entry, in this order. */
export interface ChainedEntry {
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
  requestId: string | null
  details: string
  personalHash: Uint8Array
}

/** Personal data lies aside under a salt, so that it can be deleted and the chain still proves the rest. */
export function hashPersonal(salt: Uint8Array, actorName: string, address: string): Buffer {
  return createHash('sha256')
    .update(salt)
    .update(JSON.stringify([actorName, address]))
    .digest()
}

export function newSalt(): Buffer {
  return randomBytes(16)
}

/** HMAC-SHA-256 over the previous link and this entry's fields as a JSON array: no field can run into another. */
export function chainLink(key: Uint8Array, previous: Uint8Array, entry: ChainedEntry): Buffer {
  const fields = [
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
    Buffer.from(entry.personalHash).toString('hex'),
  ]
  return createHmac('sha256', key).update(previous).update(JSON.stringify(fields)).digest()
}

export const GENESIS = new Uint8Array(32)

/** An entry with what proves it. `personal` is null once it was deleted on request. */
export interface StoredEntry extends ChainedEntry {
  chain: Uint8Array
  personal: { salt: Uint8Array; actorName: string; address: string } | null
}

/**
 * The first entry that is not what was written: changed, added, removed before it, or with a changed name or address.
 * `before` is the link of the entry before the first. Null where all hold. That the newest were cut off does not show here.
 */
export function firstBroken(key: Uint8Array, before: Uint8Array, entries: StoredEntry[]): number | null {
  let previous = before
  for (const entry of entries) {
    const { personal, chain } = entry
    const isPersonal =
      personal === null ||
      hashPersonal(personal.salt, personal.actorName, personal.address).equals(entry.personalHash)
    if (!isPersonal || !chainLink(key, previous, entry).equals(chain)) return entry.seq
    previous = chain
  }
  return null
}
