import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { fixture } from './fixtures.fixture.ts'
import { readNvsKeyFile } from './key-file.ts'
import { entryCrc, PAGE_SIZE, viewOf } from './layout.ts'
import { readNvs } from './read-nvs.ts'

const runs = process.env['MILLWRIGHT_LONG'] === '1' ? 20_000 : 300
const key = readNvsKeyFile(fixture('keys/enckey.bin'))

/** Changes bytes here and there; half of the entries so changed get a right checksum again. */
const damage = fc.array(fc.record({ at: fc.nat(0x27ff), byte: fc.nat(255), isSealed: fc.boolean() }), {
  minLength: 1,
  maxLength: 40,
})

it('whatever a board says, reading ends, with values or with a named fault', () => {
  const images = [
    fixture('ref1.bin'),
    fixture('ref1-v1.bin'),
    fixture('ref2-bigblob.bin'),
    fixture('ref1-enc.bin'),
  ]
  fc.assert(
    fc.property(fc.constantFrom(...images), damage, fc.boolean(), (image, changes, isEncrypted) => {
      const changed = new Uint8Array(image)
      for (const { at, byte, isSealed } of changes) {
        changed[at] = byte
        const entry = changed.subarray(at & ~31, (at & ~31) + 32)
        if (isSealed && at % PAGE_SIZE >= 64) viewOf(entry).setUint32(4, entryCrc(entry), true)
      }
      for (const mode of ['strict', 'lenient'] as const) {
        try {
          const { namespaces } = readNvs(changed, { mode, key: isEncrypted ? key : null })
          expect(Object.getPrototypeOf(namespaces)).toBeNull()
        } catch (error) {
          expect(error).toBeInstanceOf(ExpectedError)
        }
      }
    }),
    { numRuns: runs },
  )
})
