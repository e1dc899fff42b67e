import { expect, it } from 'vitest'
import { draftOf, readDraft, visible } from './value-form.ts'

it('shows what cannot be seen', () => {
  expect(visible('a\u0000b\tc\u007F')).toBe('a\\u0000b\\u0009c\\u007f')
  expect(visible('x\uD83D y\uDE00 😀')).toBe('x\\ud83d y\\ude00 😀')
  expect([visible(null), visible(false), visible(-0.5)]).toEqual(['', 'false', '-0.5'])
})

it('proposes the value without what the cloud cannot store', () => {
  expect(draftOf('a\u0000b\uD83D😀')).toEqual({ kind: 'text', text: 'ab😀' })
  expect(draftOf(true)).toEqual({ kind: 'boolean', text: 'true' })
  expect(draftOf(1.5)).toEqual({ kind: 'number', text: '1.5' })
  expect(draftOf(null)).toEqual({ kind: 'number', text: '' })
})

it('takes numbers as people write them, and nothing that is none', () => {
  const read = (text: string) => readDraft('number', text)
  expect(['1,5', ' -3 ', '−2', '1e3', '.5', '7.'].map(read)).toEqual([1.5, -3, -2, 1_000, 0.5, 7])
  expect(['', 'NaN', '1e999', '0x10', '1 2', 'Infinity'].map(read)).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

it('takes texts and switches, but no text that would be refused again', () => {
  expect(readDraft('boolean', 'true')).toBe(true)
  expect(readDraft('boolean', 'false')).toBe(false)
  expect(readDraft('text', '')).toBe('')
  expect(readDraft('text', 'a\u0000')).toBe(null)
})
