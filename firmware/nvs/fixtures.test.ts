import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { buildNvs } from './build-nvs.ts'
import { fixture, fixtureCsv } from './fixtures.fixture.ts'
import { ImageCheck } from './image-check.ts'
import { readNvsKeyFile } from './key-file.ts'
import { PAGE_SIZE } from './layout.ts'
import { readNvs } from './read-nvs.ts'
import { readPage } from './read-page.ts'

const key = readNvsKeyFile(fixture('keys/enckey.bin'))

describe("images of Espressif's generator", () => {
  it.each([
    ['ref1.bin', 'ref1.csv', null],
    ['ref1-v1.bin', 'ref1.csv', null],
    ['ref1-enc.bin', 'ref1.csv', key],
    ['ref2-bigblob.bin', 'ref2-bigblob.csv', null],
    ['ref3-sys.bin', 'ref3-sys.csv', null],
  ])('%s is read as its CSV says', (image, csv, itsKey) => {
    expect(readNvs(fixture(image), { key: itsKey })).toEqual({
      namespaces: fixtureCsv(csv),
      warnings: [],
      isEncrypted: itsKey !== null,
    })
    expect(readNvs(fixture(image), { key: itsKey, mode: 'lenient' }).warnings).toEqual([])
  })

  it.each([
    ['ref1.bin', 'ref1.csv', null],
    ['ref1-enc.bin', 'ref1.csv', key],
    ['ref2-bigblob.bin', 'ref2-bigblob.csv', null],
    ['ref3-sys.bin', 'ref3-sys.csv', null],
  ])('%s is what we build, byte for byte', (image, csv, itsKey) => {
    const built = buildNvs(fixtureCsv(csv), { size: 0x6000, key: itsKey })
    expect(Buffer.from(built).equals(fixture(image))).toBe(true)
  })

  it('values are those that the CSV spells out', () => {
    const { namespaces } = readNvs(fixture('ref1.bin'))
    expect(Object.keys(namespaces)).toEqual(['sys', 'wifi', 'mqtt', 'certs'])
    expect(namespaces['sys']).toEqual({
      ver: { type: 'u8', value: 7 },
      neg8: { type: 'i8', value: -5 },
      port: { type: 'u16', value: 8883 },
      neg16: { type: 'i16', value: -1234 },
      serial: { type: 'u32', value: 4_000_000_001 },
      offset: { type: 'i32', value: -123_456 },
      big64: { type: 'u64', value: 18_446_744_073_709_551_615n },
      neg64: { type: 'i64', value: -9_007_199_254_740_993n },
    })
    expect(namespaces['wifi']).toEqual({
      ssid: { type: 'string', value: 'Büro-Netz 5GHz' },
      psk: { type: 'string', value: 'pa,ss "word" 123' },
    })
    expect(namespaces['certs']).toMatchObject({
      crt: { type: 'blob', value: fixture('device.crt.pem') },
      hex: { type: 'blob', value: Uint8Array.of(0, 0xff, 0x10, 0xaa, 0x55) },
      b64: { type: 'blob', value: Uint8Array.from({ length: 10 }, (_, byte) => byte) },
    })
  })

  it('openssl takes the certificate and the key that come out of an image', () => {
    const { certs } = readNvs(fixture('ref1-enc.bin'), { key }).namespaces
    const publicKey = (args: string[], name: string): string => {
      const pem = certs?.[name]
      return execFileSync('openssl', args, {
        input: pem?.type === 'blob' ? Buffer.from(pem.value) : '',
      }).toString()
    }
    expect(publicKey(['x509', '-noout', '-pubkey'], 'crt')).toBe(publicKey(['pkey', '-pubout'], 'key'))
  })
})

describe('strict reading', () => {
  const stackTraceLimit = Error.stackTraceLimit
  const isFound = (read: () => unknown): boolean => {
    try {
      read()
      return false
    } catch (error) {
      return error instanceof ExpectedError
    }
  }
  /** Bits whose flip was not found, as bit numbers. */
  const unfound = (image: Uint8Array, bits: Iterable<number>, read: () => unknown): number[] => {
    Error.stackTraceLimit = 0
    const missed: number[] = []
    for (const bit of bits) {
      const at = bit >> 3
      const byte = image[at] ?? 0
      image[at] = byte ^ (1 << (bit & 7))
      if (!isFound(read)) missed.push(bit)
      image[at] = byte
    }
    Error.stackTraceLimit = stackTraceLimit
    return missed
  }
  function* range(from: number, to: number, step = 1): Generator<number> {
    for (let bit = from; bit < to; bit += step) yield bit
  }

  // Two used pages, and two of the four erased ones, which are all the same.
  it.each([0, 1, 2, 5])('finds every flipped bit of page %i', (page) => {
    const image = fixture('ref1.bin')
    const check = new ImageCheck('strict')
    const first = page * PAGE_SIZE * 8
    // A page alone knows not whether it should be full or still active: its first 32 bits need the others.
    const inPage = range(first + 32, first + PAGE_SIZE * 8)
    expect(unfound(image, inPage, () => readPage(image, page * PAGE_SIZE, null, check))).toEqual([])
    expect(unfound(image, range(first, first + 32), () => readNvs(image))).toEqual([])
  })

  it.each([
    ['ref1-enc.bin', key],
    ['ref1-v1.bin', null],
    ['ref2-bigblob.bin', null],
  ])('finds flipped bits all over %s', (name, itsKey) => {
    const image = fixture(name)
    const step = process.env['MILLWRIGHT_LONG'] === '1' ? 1 : 331
    expect(unfound(image, range(0, image.length * 8, step), () => readNvs(image, { key: itsKey }))).toEqual(
      [],
    )
  })
})
