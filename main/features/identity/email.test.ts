import { expect, test } from 'vitest'
import { normalizeEmail } from './email.ts'

test.each([
  [' Ana@Plant.Example ', 'ana@plant.example'],
  ['ana@plant.example', 'ana@plant.example'],
  ['ＡＮＡ@plant.example', 'ana@plant.example'],
  ['ana@MÜNCHEN.example', 'ana@xn--mnchen-3ya.example'],
  ['ana@mu\u0308nchen.example', 'ana@xn--mnchen-3ya.example'],
  ['ana@xn--mnchen-3ya.example', 'ana@xn--mnchen-3ya.example'],
  ['a@scada', 'a@scada'],
])('%s is %s', (typed, kept) => {
  expect(normalizeEmail(typed)).toBe(kept)
})

test.each([
  '',
  'ana',
  '@plant.example',
  'ana@',
  'a b@plant.example',
  'a@b@plant.example',
  'ana@plant.example\r\nBcc: x@y',
  'a\u200bna@plant.example',
  'ana@pla\u200dnt.example>',
  'ana@\u0000plant',
])('%j is no e-mail address', (typed) => {
  expect(() => normalizeEmail(typed)).toThrow(expect.objectContaining({ code: 'email_invalid' }))
})
