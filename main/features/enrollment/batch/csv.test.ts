import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBatch } from './batch-rows.ts'
import { separators } from './csv-layout.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const read = (text: string) => readBatch(utf8(text))
const problems = async (text: string) =>
  (await read(text)).rows.map(({ line, problem }) => `${line} ${problem?.code ?? 'ok'}`)

const plain = 'mac_address,code,name,group,profile\naa:bb:cc:dd:ee:00,GW001,Boiler house,Plant 1/Line 2,tds\n'

describe('how a file is written', () => {
  test('what is not what its mark says is refused, and no name gets a sign that nobody wrote', async () => {
    const broken = Uint8Array.from([...utf8('\ufeffcode,name\nGW1,Ok\nGW2,Caf'), 0xe9, ...utf8('\n')])
    await expect(readBatch(broken)).rejects.toMatchObject({ code: 'csv_invalid', data: { line: 3 } })
    const written = utf8('\ufeffcode,name\nGW1,Caf\ufffd\n')
    expect((await readBatch(written)).rows).toMatchObject([{ name: 'Caf\ufffd', problem: null }])
  })

  test('as the reference says it', async () => {
    const { layout, encoding, rows } = await read(plain)
    expect({ layout, encoding }).toMatchObject({
      encoding: 'utf-8',
      layout: { separator: ',', header: true },
    })
    expect(rows).toEqual([
      {
        line: 2,
        mac: 'aa:bb:cc:dd:ee:00',
        code: 'GW001',
        name: 'Boiler house',
        group: 'Plant 1/Line 2',
        profile: 'tds',
        problem: null,
      },
    ])
  })

  test.each([
    ['UTF-8 with a mark', utf8('\ufeffcode;name\r\nGW1;Água ção\r\n')],
    ['UTF-16 LE', utf16('code\tname\nGW1\tÁgua ção', false)],
    ['UTF-16 BE', utf16('code|name\nGW1|Água ção', true)],
    ['Windows-1252', Uint8Array.from('code,name\rGW1,Água ção\r', (sign) => sign.charCodeAt(0))],
    ['a spreadsheet that says its separator', utf8('sep=;\r\ncode;name\r\nGW1;Água ção')],
    ['headings in Portuguese, in any case', utf8('CÓDIGO;Nome;Fábrica\nGW1;Água ção;7')],
  ])('%s', async (_, bytes) => {
    const { rows } = await readBatch(bytes)
    expect(rows).toMatchObject([{ code: 'GW1', name: 'Água ção', mac: null, problem: null }])
  })

  test('without headings: three to five cells after a MAC address', async () => {
    const { layout, rows } = await read('AABB.CCDD.EE01;GW1;Boiler\nAA-BB-CC-DD-EE-02;GW2;Pump;Line 1\n')
    expect(layout).toMatchObject({ header: false, separator: ';' })
    expect(rows.map(({ line, mac, group }) => [line, mac, group])).toEqual([
      [1, 'aa:bb:cc:dd:ee:01', null],
      [2, 'aa:bb:cc:dd:ee:02', null],
    ])
    await expect(read('GW1,Boiler,x\n')).rejects.toMatchObject({ code: 'csv_columns_missing' })
    await expect(read('aa:bb:cc:dd:ee:01,GW1\n')).rejects.toMatchObject({ code: 'csv_columns_missing' })
  })

  test('a heading that is missing, and one that is there twice', async () => {
    await expect(read('mac_address,code\n')).rejects.toMatchObject({ data: { columns: 'name' } })
    await expect(read('code,name,Código\n')).rejects.toMatchObject({ code: 'csv_invalid' })
    await expect(read('')).rejects.toMatchObject({ code: 'csv_columns_missing' })
    expect((await read('code,name,__proto__,constructor\nA,b,,\n')).layout.ignored).toHaveLength(2)
  })

  const cell = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .map((text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufeff]/gu, '').trim())
    .filter((text) => text !== '' && !/^'*[=+\-@]/.test(text) && text.length <= 60)
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`

  test('whatever the names, the separator, the order and the encoding: the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(cell, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...separators),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('utf-8', 'utf-16le', 'utf-16be'),
        fc.boolean(),
        async (names, separator, end, encoding, isTurned) => {
          const columns = ['code', 'name', 'mac_address']
          const lines = names.map((name, at) => [`GW${at}`, quote(name), `aa:bb:cc:dd:ee:0${at}`])
          const text = [columns, ...lines]
            .map((line) => (isTurned ? line.toReversed() : line).join(separator))
            .join(end)
          const bytes = encoding === 'utf-8' ? utf8(text) : utf16(text, encoding === 'utf-16be')
          const { layout, rows } = await readBatch(bytes)
          expect(layout.separator).toBe(separator)
          expect(rows.map(({ name }) => name)).toEqual(names.map((name) => name.normalize('NFC')))
          expect(rows.map(({ line }) => line)).toEqual(names.map((_, at) => at + 2))
          expect(rows.every(({ problem }) => problem === null)).toBe(true)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('no file makes it throw anything but a reason', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc
            .string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', 'a', '\0', 'code', 'name') })
            .map(utf8),
        ),
        async (bytes) => {
          const outcome = await readBatch(bytes).catch((error: { code?: string }) => error.code)
          expect(['object', 'string']).toContain(typeof outcome)
          if (typeof outcome === 'string') expect(outcome).toMatch(/^csv_/)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('what is refused', () => {
  test('formulas anywhere but in a name, where they are text', async () => {
    expect(
      await problems(
        'code,name,group,profile\n=1+1,a,,\n+A,a,,\n-A,a,,\n@A,a,,\nA,"=HYPERLINK(""x"")",,\nB,b,=x,\nC,c,,@x\n',
      ),
    ).toEqual([
      '2 csv_formula',
      '3 csv_formula',
      '4 csv_formula',
      '5 csv_formula',
      '6 ok',
      '7 csv_formula',
      '8 csv_formula',
    ])
    const { rows } = await read('code,name\nA,"\'=SUM(1)"\nB,\'tis\n')
    expect(rows.map(({ name }) => name)).toEqual(['=SUM(1)', "'tis"])
  })

  test('codes, names and MACs that are none; doubles within the file', async () => {
    expect(
      await problems(
        [
          'mac,code,name',
          'aa:bb:cc:dd:ee:01,GW1,a',
          'zz,GW2,a',
          'ff:ff:ff:ff:ff:ff,GW3,a',
          ',GW 4,a',
          ',GW5,',
          `,GW6,${'x'.repeat(101)}`,
          ',GW7,"a\tb"',
          ',GW1,again',
          'AABBCCDDEE01,GW8,a',
          ',,',
          ',GW9,ok,more,cells',
        ].join('\n'),
      ),
    ).toEqual([
      '2 ok',
      '3 mac_invalid',
      '4 mac_invalid',
      '5 csv_code_invalid',
      '6 csv_name_invalid',
      '7 csv_name_invalid',
      '8 csv_name_invalid',
      '9 csv_duplicate',
      '10 csv_duplicate',
      '12 ok',
    ])
  })

  test('NUL, with its line; quotes that never end; a line without end', async () => {
    await expect(read('code,name\nA,a\nB,\0\n')).rejects.toMatchObject({
      code: 'csv_invalid',
      data: { line: 3 },
    })
    await expect(read('code,name\nA,"a\nB,b\n')).rejects.toMatchObject({ code: 'csv_invalid' })
    await expect(read(`code,name\nA,${'x'.repeat(70_000)}\n`)).rejects.toMatchObject({ code: 'csv_invalid' })
  })

  test('more rows than a batch may have, with their count', async () => {
    const lines = Array.from({ length: 12_345 }, (_, at) => `GW${at},n`)
    await expect(read(`code,name\n${lines.join('\n')}\n`)).rejects.toMatchObject({
      code: 'csv_too_many_rows',
      data: { count: 12_345, limit: 10_000 },
    })
  })
})

function utf16(text: string, isBig: boolean): Uint8Array {
  const bytes = new Uint8Array(2 + text.length * 2)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0xfeff, !isBig)
  for (let at = 0; at < text.length; at += 1) view.setUint16(2 + at * 2, text.charCodeAt(at), !isBig)
  return bytes
}
