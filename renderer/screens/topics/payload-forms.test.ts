import { expect, test } from 'vitest'
import { differences } from './payload-diff.ts'
import { bytesOf, hexDump, likelyForm, prettyJson } from './payload-forms.ts'

const text = (payload: string) => ({ encoding: 'utf8' as const, payload })
const bytes = (payload: string) => ({ encoding: 'base64' as const, payload })

test('JSON is indented, and its numbers stay as they were written', () => {
  const given =
    '{"ts":12345678901234567890,"values":{"x":1.10,"s":"a, [b]: \\"{\\""},"none":[],"n":{ },"l":[1,2]}'
  expect(prettyJson(text(given))?.split('\n')).toEqual([
    '{',
    '  "ts": 12345678901234567890,',
    '  "values": {',
    '    "x": 1.10,',
    '    "s": "a, [b]: \\"{\\""',
    '  },',
    '  "none": [],',
    '  "n": {},',
    '  "l": [',
    '    1,',
    '    2',
    '  ]',
    '}',
  ])
  expect(prettyJson(text(' 21.40 '))).toBe('21.40')
  for (const none of ['', '{"a":', 'online']) expect(prettyJson(text(none))).toBeNull()
  expect(prettyJson(bytes('e30='))).toBeNull()
})

test('bytes are shown with their place and what of them can be read', () => {
  expect([...bytesOf(text('é'))]).toEqual([0xc3, 0xa9])
  expect([...bytesOf(bytes('AP8='))]).toEqual([0, 255])
  expect(hexDump(Uint8Array.from({ length: 18 }, (_, n) => 0x40 + n))).toBe(
    [
      '0000  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO',
      '0010  50 51                                             PQ',
    ].join('\n'),
  )
  expect(hexDump(new Uint8Array(0))).toBe('')
})

test.each([
  ['{"a":1}', 'json'],
  ['[1]', 'json'],
  ['21.4', 'text'],
  ['{"a":', 'text'],
  ['', 'text'],
])('%s is shown as %s at first', (payload, form) => {
  expect(likelyForm(text(payload))).toBe(form)
})
test('what is no text is shown in hex at first', () => expect(likelyForm(bytes('AP8='))).toBe('hex'))

test('of JSON it is told which values changed, came and went', () => {
  const before = text('{"ts":1,"values":{"a":1.0,"b":2},"list":[1,{"c":3}],"gone":null}')
  const after = text('{"ts":2,"values":{"a":1,"b":2,"new":true},"list":[1,{"c":4}]}')
  expect(differences(before, after)?.list).toEqual([
    { kind: 'changed', place: 'ts', before: '1', after: '2' },
    { kind: 'changed', place: 'list[1].c', before: '3', after: '4' },
    { kind: 'removed', place: 'gone', before: 'null', after: null },
    { kind: 'added', place: 'values.new', before: null, after: 'true' },
  ])
  expect(differences(before, before)).toEqual({ list: [], more: 0 })
})

test('of text, which lines; of a single one, from what to what', () => {
  expect(differences(text('21.4'), text('21.5'))?.list).toEqual([
    { kind: 'changed', place: '', before: '21.4', after: '21.5' },
  ])
  expect(differences(text('a\nb\nc'), text('a\nx\nc\nd'))?.list).toEqual([
    { kind: 'removed', place: '2', before: 'b', after: null },
    { kind: 'added', place: '2', before: null, after: 'x' },
    { kind: 'added', place: '4', before: null, after: 'd' },
  ])
})

test('a difference is bounded, and bytes are only the same or not', () => {
  const many = (from: number) => text(JSON.stringify(Array.from({ length: 500 }, (_, n) => n + from)))
  expect(differences(many(0), many(1))).toMatchObject({ more: 300 })
  const lines = (letter: string) => text(Array.from({ length: 1_000 }, (_, n) => `${letter}${n}`).join('\n'))
  expect(differences(lines('a'), lines('b'))).toMatchObject({ more: 800 })
  expect(differences(bytes('AP8='), bytes('AP8='))).toEqual({ list: [], more: 0 })
  expect(differences(bytes('AP8='), text('x'))).toBeNull()
})
