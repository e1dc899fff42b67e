import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * What is kept of an MQTT client's password: SHA-256 of the salt's bytes and the password, in hex. The password is 256
 * random bits, so that a plain hash is enough and a storm of reconnects stays cheap.
 *
 * @param salt hex
 */
export function hashMqttPassword(password: string | Uint8Array, salt: string): string {
  return createHash('sha256').update(salt, 'hex').update(password).digest('hex')
}

/** A password that nobody has: unknown user names take as long as known ones. */
const nobodys = { salt: '00'.repeat(16), hash: '00'.repeat(32) }

/** Compared in constant time, also where there is nothing to compare with. */
export function isMqttPassword(
  password: string | Uint8Array,
  kept: { salt: string; hash: string } | null,
): boolean {
  const { salt, hash } = kept ?? nobodys
  const actual = Buffer.from(hashMqttPassword(password, salt), 'hex')
  const expected = Buffer.from(hash, 'hex')
  return expected.length === actual.length && timingSafeEqual(expected, actual) && kept !== null
}
