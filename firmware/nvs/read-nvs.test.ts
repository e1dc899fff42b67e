import { describe, expect, it } from 'vitest'
import { buildNvs } from './build-nvs.ts'
import { fixture } from './fixtures.fixture.ts'
import { readNvsKeyFile } from './key-file.ts'
import { HEADER_SIZE, ItemType, integerCodes, PAGE_SIZE, PageState, viewOf } from './layout.ts'
import { PageWriter } from './page-writer.ts'
import { readNvs } from './read-nvs.ts'

const SIZE = 0x6000

function partition(pages: readonly Uint8Array[]): Uint8Array {
  const image = new Uint8Array(SIZE).fill(0xff)
  for (const [index, page] of pages.entries()) image.set(page, index * PAGE_SIZE)
  return image
}

/** A page with the namespace `n`, filled as a device would. */
function pageWith(fill: (page: PageWriter) => void, isFirst = true): PageWriter {
  const page = new PageWriter()
  if (isFirst) page.addEntry({ namespace: 0, type: integerCodes.u8, key: 'n' }, Uint8Array.of(1))
  fill(page)
  return page
}

const addByte = (page: PageWriter, key: string, value: number): void =>
  page.addEntry({ namespace: 1, type: integerCodes.u8, key }, Uint8Array.of(value))
const addChunk = (page: PageWriter, chunk: number, text: string): void =>
  page.addPayload({ namespace: 1, type: ItemType.blobData, key: 'blob', chunk }, Buffer.from(text))
const addIndex = (page: PageWriter, size: number, count: number, start: number): void =>
  page.addEntry(
    { namespace: 1, type: ItemType.blobIndex, key: 'blob' },
    Uint8Array.of(size, 0, 0, 0, count, start, 0xff, 0xff),
  )
const erase = (image: Uint8Array, entry: number): void => {
  const at = HEADER_SIZE + (entry >> 2)
  image[at] = (image[at] ?? 0) & ~(0b11 << ((entry & 3) * 2))
}
const lenient = (image: Uint8Array) => readNvs(image, { mode: 'lenient' })
const corrupt = (problem: string) =>
  expect.objectContaining({
    code: 'nvs_image_corrupt',
    data: { at: expect.any(String), problem: expect.stringContaining(problem) },
  })

describe('a used board', () => {
  it('has erased entries, which are left out and counted', () => {
    const page = pageWith((one) => [1, 2, 3].forEach((value) => addByte(one, `k${value}`, value)))
    const image = partition([page.finish(0, true, null)])
    erase(image, 2)
    expect(lenient(image)).toEqual({
      namespaces: { n: { k1: { type: 'u8', value: 1 }, k3: { type: 'u8', value: 3 } } },
      warnings: ['1 erased entries were left out'],
      isEncrypted: false,
    })
    expect(() => readNvs(image)).toThrow(corrupt('erased'))
  })

  it('has text that is not UTF-8, which is written back as it was', () => {
    const latin1 = Buffer.from('B\xfcro', 'latin1')
    const page = pageWith((one) =>
      one.addPayload(
        { namespace: 1, type: ItemType.string, key: 's' },
        Buffer.concat([latin1, Buffer.alloc(1)]),
      ),
    )
    const image = partition([page.finish(0, true, null)])
    const { namespaces, warnings } = lenient(image)
    expect(warnings).toEqual(['0x60: the string s is not UTF-8'])
    const built = buildNvs(namespaces, { size: SIZE })
    expect(Buffer.from(built).includes(latin1)).toBe(true)
    expect(lenient(built).namespaces).toEqual(namespaces)
  })

  it('lost power between a new value and the end of the old one: the new one counts', () => {
    const page = pageWith((one) => [1, 2].forEach((value) => addByte(one, 'k', value)))
    const image = partition([page.finish(0, true, null)])
    expect(lenient(image)).toMatchObject({
      namespaces: { n: { k: { value: 2 } } },
      warnings: [expect.stringMatching(/^0x60: k is there twice/)],
    })
    expect(() => readNvs(image)).toThrow(corrupt('twice'))
  })

  it('lost power while a page was moved: the copy counts, whichever place it has', () => {
    const old = pageWith((one) => [1, 2].forEach((value) => addByte(one, `k${value}`, value))).finish(
      0,
      false,
      null,
    )
    viewOf(old).setUint32(0, PageState.freeing, true)
    const copy = pageWith((one) => addByte(one, 'k1', 9), false).finish(1, true, null)
    // Devices use the erased page, which may lie before.
    const { namespaces, warnings } = lenient(partition([copy, old]))
    expect(namespaces).toEqual({ n: { k1: { type: 'u8', value: 9 }, k2: { type: 'u8', value: 2 } } })
    expect(warnings.join()).toMatch(/0x1000: the page was being moved.*k1 is there twice/)
    expect(() => readNvs(partition([old, copy]))).toThrow(corrupt('being moved'))
  })

  it('has both versions of a blob: the index tells which parts belong together', () => {
    const page = pageWith((one) => {
      addChunk(one, 0, 'old ')
      addIndex(one, 4, 1, 0)
      addChunk(one, 128, 'new ')
      addChunk(one, 129, 'one')
      addIndex(one, 7, 2, 128)
    })
    const image = partition([page.finish(0, true, null)])
    expect(lenient(image)).toMatchObject({
      namespaces: { n: { blob: { type: 'blob', value: new Uint8Array(Buffer.from('new one')) } } },
      warnings: [expect.stringContaining('blob is there twice')],
    })
  })

  it('has half of a new blob: the old one counts, and the half is named', () => {
    const page = pageWith((one) => {
      addChunk(one, 0, 'old ')
      addIndex(one, 4, 1, 0)
      addChunk(one, 128, 'new ')
      addIndex(one, 7, 2, 128)
    })
    const { namespaces, warnings } = lenient(partition([page.finish(0, true, null)]))
    expect(namespaces).toMatchObject({ n: { blob: { value: new Uint8Array(Buffer.from('old ')) } } })
    expect(warnings).toEqual([expect.stringContaining('parts of blob are missing: 4 of 7 bytes')])
  })

  it.each([
    ['a part without an index', (page: PageWriter) => addChunk(page, 0, 'x'), 'belongs to no blob'],
    ['an index without parts', (page: PageWriter) => addIndex(page, 4, 1, 0), 'are missing'],
    [
      'a value of no namespace',
      (page: PageWriter) =>
        page.addEntry({ namespace: 7, type: integerCodes.u8, key: 'k' }, Uint8Array.of(1)),
      'in no namespace',
    ],
    [
      'a namespace without a number',
      (page: PageWriter) =>
        page.addEntry({ namespace: 0, type: integerCodes.u8, key: 'k' }, Uint8Array.of(0)),
      'no name of a namespace',
    ],
    [
      'a type that is not known',
      (page: PageWriter) => page.addEntry({ namespace: 1, type: 0x77, key: 'k' }, Uint8Array.of(0)),
      'not known',
    ],
    [
      'a string without an end',
      (page: PageWriter) =>
        page.addPayload({ namespace: 1, type: ItemType.string, key: 'k' }, Buffer.from('abc')),
      'has no end',
    ],
  ])('%s is left out and named', (_, fill, problem) => {
    const image = partition([pageWith(fill).finish(0, true, null)])
    expect(lenient(image)).toMatchObject({
      namespaces: { n: {} },
      warnings: [expect.stringContaining(problem)],
    })
    expect(() => readNvs(image)).toThrow(corrupt(problem))
  })

  it('has a broken value: it is left out, the others are read', () => {
    const image = fixture('ref1.bin')
    image.fill(0, 0x340, 0x350)
    const { namespaces, warnings } = lenient(image)
    expect(Object.keys(namespaces['certs'] ?? {})).toEqual(['crt', 'key', 'crt_s', 'hex', 'b64'])
    expect(warnings).toEqual([
      '0x300: the checksum of its value is wrong; the entry is left out',
      expect.stringContaining('parts of ca are missing'),
    ])
  })

  it('has a page that nobody can read: it is left out', () => {
    const image = fixture('ref1.bin')
    image[4] = 9
    const { namespaces, warnings } = lenient(image)
    expect(namespaces).toEqual({})
    expect(warnings[0]).toContain('the checksum of the page header is wrong')
    expect(warnings.length).toBeLessThan(20)
  })

  it('tells no end of faults in so many words', () => {
    const page = pageWith((one) => {
      while (one.room > 0) addByte(one, 'k', 1)
    })
    expect(lenient(partition([page.finish(0, true, null)])).warnings).toHaveLength(101)
  })
})

describe('what is no NVS partition, or not with this key', () => {
  const key = readNvsKeyFile(fixture('keys/enckey.bin'))
  const other = key.toReversed()

  it.each([
    ['cut off in a page', () => readNvs(fixture('ref1.bin').subarray(0, 0x5fff)), 'nvs_image_truncated'],
    ['cut off to two pages', () => readNvs(fixture('ref1.bin').subarray(0, 0x2000)), 'nvs_image_truncated'],
    ['empty', () => readNvs(new Uint8Array()), 'nvs_image_truncated'],
    [
      'cut off in a blob',
      () => readNvs(fixture('ref2-bigblob.bin').subarray(0, 0x3000)),
      'nvs_image_corrupt',
    ],
    [
      'without an erased page',
      () => readNvs(fixture('ref2-bigblob.bin').subarray(0, 0x4000)),
      'nvs_image_corrupt',
    ],
    ['encrypted, without a key', () => readNvs(fixture('ref1-enc.bin')), 'nvs_encrypted'],
    ['encrypted, with another key', () => readNvs(fixture('ref1-enc.bin'), { key: other }), 'nvs_key_wrong'],
    ['plain, with a key', () => readNvs(fixture('ref1.bin'), { key }), 'nvs_not_encrypted'],
    ['something else', () => readNvs(fixture('big12k.bin').subarray(0, 0x2000)), 'nvs_image_truncated'],
    ['zeros', () => readNvs(new Uint8Array(SIZE)), 'nvs_image_corrupt'],
  ])('%s', (_, read, code) => {
    expect(read).toThrow(expect.objectContaining({ code }))
  })

  it.each([
    ['too short', fixture('keys/enckey.bin').subarray(0, 67), '67 bytes'],
    ['erased', new Uint8Array(4096).fill(0xff), 'no keys'],
    ['changed', fixture('keys/enckey.bin').map((byte, at) => (at === 5 ? byte ^ 1 : byte)), 'checksum'],
  ])('a key file that is %s', (_, file, problem) => {
    expect(() => readNvsKeyFile(file)).toThrow(
      expect.objectContaining({
        code: 'nvs_key_file_invalid',
        data: { problem: expect.stringContaining(problem) },
      }),
    )
  })

  it('an erased partition has nothing in it', () => {
    expect(readNvs(new Uint8Array(SIZE).fill(0xff), { key })).toEqual({
      namespaces: {},
      warnings: [],
      isEncrypted: false,
    })
  })
})
