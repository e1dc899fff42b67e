import { describe, expect, it } from 'vitest'
import { parseNvsCsv } from './csv.ts'

const HEAD = 'key,type,encoding,value\n'
const noFile = (path: string): Uint8Array => {
  throw new Error(`asked for ${path}`)
}
const files = (content: string | Uint8Array) => (): Uint8Array => new Uint8Array(Buffer.from(content))

describe('rows', () => {
  it('quotes, line breaks within them, blank lines, remarks, a byte order mark, CRLF', () => {
    const text = `\ufeff${HEAD}# a remark\n\nn,namespace,,\na,data,string,"x, ""y""\nz"\nb,data,u8,0xff\n`
    const expected = { n: { a: { type: 'string', value: 'x, "y"\nz' }, b: { type: 'u8', value: 255 } } }
    expect(parseNvsCsv(text, noFile)).toEqual(expected)
    const crlf = text.replaceAll('\n', '\r\n')
    expect(parseNvsCsv(crlf, noFile)).toMatchObject({ n: { a: { value: 'x, "y"\r\nz' } } })
  })

  it('a namespace may come back, and columns stand in any order', () => {
    const text =
      'value,key,encoding,type\n,n,,namespace\n1,a,i8,data\n,m,,namespace\n,n,,namespace\n-2,b,i8,data\n'
    expect(parseNvsCsv(text, noFile)).toEqual({
      n: { a: { type: 'i8', value: 1 }, b: { type: 'i8', value: -2 } },
      m: {},
    })
  })

  it.each([
    ['binary', Uint8Array.of(0, 0xff), { type: 'blob', value: Uint8Array.of(0, 0xff) }],
    ['string', 'two\nlines\n', { type: 'string', value: 'two\nlines\n' }],
    ['hex2bin', '00 FF\n1a\n', { type: 'blob', value: Uint8Array.of(0, 0xff, 0x1a) }],
    ['base64', 'AP8a\n', { type: 'blob', value: Uint8Array.of(0, 0xff, 0x1a) }],
  ])('a file as %s', (encoding, content, value) => {
    expect(parseNvsCsv(`${HEAD}n,namespace,,\na,file,${encoding},some/file\n`, files(content))).toEqual({
      n: { a: value },
    })
  })

  it('text as binary has no end mark', () => {
    expect(parseNvsCsv(`${HEAD}n,namespace,,\na,data,binary,ü\n`, noFile)).toEqual({
      n: { a: { type: 'blob', value: Uint8Array.of(0xc3, 0xbc) } },
    })
  })
})

describe('a bad row is named by its line', () => {
  it.each([
    ['no header', 'n,namespace,,\n', 1, 'columns'],
    ['an empty file', '', 1, 'empty'],
    ['a row before any namespace', `${HEAD}a,data,u8,1\n`, 2, 'before the first namespace'],
    ['a column too few', `${HEAD}n,namespace,,\na,data,u8\n`, 3, '3 columns'],
    ['a type that is none', `${HEAD}n,namespace,,\na,date,u8,1\n`, 3, 'date'],
    ['an encoding that is none', `${HEAD}n,namespace,,\na,data,u128,1\n`, 3, 'u128'],
    ['a number out of range', `${HEAD}n,namespace,,\na,data,u8,256\n`, 3, '0 to 255'],
    ['no number', `${HEAD}n,namespace,,\na,data,u8,12x\n`, 3, 'whole number'],
    ['an endless number', `${HEAD}n,namespace,,\na,data,u64,${'9'.repeat(50)}\n`, 3, 'whole number'],
    ['odd hexadecimal digits', `${HEAD}n,namespace,,\na,data,hex2bin,abc\n`, 3, 'hexadecimal'],
    ['bad Base64', `${HEAD}n,namespace,,\na,data,base64,AA=A\n`, 3, 'Base64'],
    ['a key twice', `${HEAD}n,namespace,,\na,data,u8,1\na,data,u8,2\n`, 4, 'already'],
    [
      'a key too long, behind a text of three lines',
      `${HEAD}n,namespace,,\na,data,string,"1\n2\n3"\nsixteen-letters-,data,u8,2\n`,
      6,
      '16 bytes',
    ],
    ['a string too long', `${HEAD}n,namespace,,\na,data,string,${'x'.repeat(4_000)}\n`, 3, '4001 bytes'],
    ['a file of numbers', `${HEAD}n,namespace,,\na,file,u8,x\n`, 3, 'u8'],
    ['a file without a name', `${HEAD}n,namespace,,\na,file,binary,\n`, 3, 'names no file'],
    ['a quote without an end', `${HEAD}n,namespace,,\na,data,string,"x\n`, 3, 'quotes'],
    [
      'the 255th namespace',
      HEAD + Array.from({ length: 255 }, (_, n) => `n${n},namespace,,\n`).join(''),
      256,
      '255 namespaces',
    ],
  ])('%s', (_, text, line, problem) => {
    expect(() => parseNvsCsv(text, noFile)).toThrow(
      expect.objectContaining({
        code: 'nvs_csv_invalid',
        data: { line, problem: expect.stringContaining(problem) },
      }),
    )
  })

  it('a file that cannot be read', () => {
    expect(() => parseNvsCsv(`${HEAD}n,namespace,,\na,file,string,f\n`, noFile)).toThrow(
      expect.objectContaining({ code: 'nvs_csv_invalid', data: { line: 3, problem: 'asked for f' } }),
    )
  })

  it('a file that is not text', () => {
    expect(() => parseNvsCsv(`${HEAD}n,namespace,,\na,file,string,f\n`, files(Uint8Array.of(0xff)))).toThrow(
      expect.objectContaining({
        code: 'nvs_csv_invalid',
        data: { line: 3, problem: expect.stringContaining('not UTF-8') },
      }),
    )
  })
})
