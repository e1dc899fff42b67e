import { createCipheriv, createDecipheriv } from 'node:crypto'
import { ENTRY_SIZE } from './layout.ts'

const BLOCK = 16
/** x^128 + x^7 + x^2 + x + 1 without its first term. IEEE 1619 5.2. */
const REDUCTION = 0x87

/**
 * AES-256-XTS (IEEE 1619) as NVS uses it: each entry of 32 bytes is a data unit of its own, numbered by its offset in
 * the partition. Made of AES-256-ECB, since BoringSSL, and with it Electron, has no XTS.
 *
 * @param key 64 bytes: 32 for the data, 32 for the tweak
 * @param entries whole entries
 * @param offset of the first entry in the partition, bytes
 */
export function encryptEntries(key: Uint8Array, entries: Uint8Array, offset: number): Uint8Array {
  const cipher = createCipheriv('aes-256-ecb', key.subarray(0, 32), null).setAutoPadding(false)
  const tweaks = tweaksOf(key, entries.length / ENTRY_SIZE, offset)
  return xor(cipher.update(xor(entries, tweaks)), tweaks)
}

/** Undoes `encryptEntries`. It cannot fail: with a wrong key the entries are noise. */
export function decryptEntries(key: Uint8Array, entries: Uint8Array, offset: number): Uint8Array {
  const decipher = createDecipheriv('aes-256-ecb', key.subarray(0, 32), null).setAutoPadding(false)
  const tweaks = tweaksOf(key, entries.length / ENTRY_SIZE, offset)
  return xor(decipher.update(xor(entries, tweaks)), tweaks)
}

/** The tweak of both blocks of each entry. IEEE 1619 5.3: E(key 2, unit number) times alpha to the block number. */
function tweaksOf(key: Uint8Array, count: number, offset: number): Uint8Array {
  const units = Buffer.alloc(count * BLOCK)
  for (let unit = 0; unit < count; unit += 1) units.writeUInt32LE(offset + unit * ENTRY_SIZE, unit * BLOCK)
  const first = createCipheriv('aes-256-ecb', key.subarray(32, 64), null).setAutoPadding(false).update(units)
  const tweaks = new Uint8Array(count * ENTRY_SIZE)
  for (let unit = 0; unit < count; unit += 1) {
    tweaks.set(first.subarray(unit * BLOCK, (unit + 1) * BLOCK), unit * ENTRY_SIZE)
    timesAlpha(tweaks, unit * ENTRY_SIZE)
  }
  return tweaks
}

/** Puts the block at `from`, times alpha in GF(2^128), behind it. IEEE 1619 5.2. */
function timesAlpha(bytes: Uint8Array, from: number): void {
  let carry = 0
  for (let at = from; at < from + BLOCK; at += 1) {
    const byte = bytes[at] ?? 0
    bytes[at + BLOCK] = ((byte << 1) & 0xff) | carry
    carry = byte >> 7
  }
  if (carry === 1) bytes[from + BLOCK] = (bytes[from + BLOCK] ?? 0) ^ REDUCTION
}

function xor(bytes: Uint8Array, mask: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length)
  for (let at = 0; at < result.length; at += 1) result[at] = (bytes[at] ?? 0) ^ (mask[at] ?? 0)
  return result
}
