import { expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { payloadText, previewOf } from './payload-text.ts'
import { checkTopic, payloadBytes } from './publish-check.ts'

test('text is text, also where its excerpt ends within a character; the rest is base64', () => {
  const euro = Buffer.from('20 €')
  expect(payloadText(euro, 6)).toEqual({ encoding: 'utf8', payload: '20 €' })
  expect(payloadText(euro.subarray(0, 5), 9)).toEqual({ encoding: 'utf8', payload: '20 ' })
  expect(payloadText(euro.subarray(0, 5), 5)).toEqual({ encoding: 'base64', payload: 'MjAg4oI=' })
  expect(payloadText(new Uint8Array(0), 0)).toEqual({ encoding: 'utf8', payload: '' })
  expect(payloadText(Buffer.from([0xff, 0xfe]), 2)).toEqual({ encoding: 'base64', payload: '//4=' })
})

test('a preview is one short line', () => {
  expect(previewOf(Buffer.from('{\r\n "a": 1}'), 11)).toBe('{   "a": 1}')
  expect(previewOf(Buffer.from([0xff, 0x00, 0x10]), 3)).toBe('ff 00 10')
  expect(previewOf(Buffer.from('x'.repeat(4_000)), 9_000)).toHaveLength(120)
})

test.each([
  ['', 'it is empty'],
  ['mw/+/commands', 'it has a wildcard'],
  ['mw/#', 'it has a wildcard'],
  ['mw/a\u0000b', 'it has a control character'],
  ['mw/\ud800', 'it is no Unicode text'],
  ['$SYS/x', 'topics that begin with $ are those of the broker'],
  ['é'.repeat(257), 'it has more than 512 bytes'],
  ['a/'.repeat(16), 'it has more than 16 levels'],
])('nothing is published to %j', (topic, cause) => {
  expect(() => checkTopic(topic)).toThrow(expect.objectContaining({ code: 'topic_invalid' }))
  try {
    checkTopic(topic)
  } catch (error) {
    expect((error as ExpectedError).data['cause']).toBe(cause)
  }
})

test('what is published is bounded, and base64 where it says so', () => {
  expect([...payloadBytes('AQL/', 'base64', 10)]).toEqual([1, 2, 255])
  expect([...payloadBytes('é', 'utf8', 2)]).toEqual([195, 169])
  for (const bad of ['AQ', 'A===', 'a b=', 'é'])
    expect(() => payloadBytes(bad, 'base64', 10)).toThrow(ExpectedError)
  expect(() => payloadBytes('ééé', 'utf8', 5)).toThrow(expect.objectContaining({ code: 'input_invalid' }))
})
