import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ENTRY_SIZE } from './layout.ts'
import { decryptEntries, encryptEntries } from './xts.ts'

/** OpenSSL's, which Node has and Electron has not. */
function opensslXts(key: Uint8Array, entries: Uint8Array, offset: number): Buffer {
  const units = Array.from({ length: entries.length / ENTRY_SIZE }, (_, unit) => {
    const tweak = Buffer.alloc(16)
    tweak.writeUInt32LE(offset + unit * ENTRY_SIZE)
    const plain = entries.subarray(unit * ENTRY_SIZE, (unit + 1) * ENTRY_SIZE)
    return createCipheriv('aes-256-xts', key, tweak).update(plain)
  })
  return Buffer.concat(units)
}

it('is AES-256-XTS as OpenSSL has it, one data unit an entry', () => {
  const key = fc.uint8Array({ minLength: 64, maxLength: 64 })
  const entries = fc
    .array(fc.uint8Array({ minLength: ENTRY_SIZE, maxLength: ENTRY_SIZE }), { minLength: 1, maxLength: 8 })
    .map((units) => new Uint8Array(Buffer.concat(units)))
  fc.assert(
    fc.property(key, entries, fc.nat(0xff_ffff), (random, plain, offset) => {
      // OpenSSL refuses two equal halves.
      fc.pre(Buffer.compare(random.subarray(0, 32), random.subarray(32)) !== 0)
      const encrypted = encryptEntries(random, plain, offset)
      expect(Buffer.compare(encrypted, opensslXts(random, plain, offset))).toBe(0)
      expect(decryptEntries(random, encrypted, offset)).toEqual(plain)
    }),
  )
})
