import { expect, test } from 'vitest'
import { checkPassword } from './password-policy.ts'

const context = { email: 'engineer@plant.example', siteName: 'Aurora Dairy' }

test.each([
  ['too short', 'k7 Vq!', 'password_too_short'],
  ['eleven characters, though more bytes', 'ñandúñandúñ', 'password_too_short'],
  ['a known one', 'Password1234', 'password_too_common'],
  ['a known word between other signs', '**Correct-Horse-Battery-Staple**', 'password_too_common'],
  ['the site in disguise', '!!Aurora Dairy 2026!!', 'password_too_common'],
  ['the name before the @', 'ENGINEER-000000', 'password_too_common'],
  ['few different characters', 'abababababab', 'password_too_weak'],
  ['a run', 'cdefghijklmnop', 'password_too_weak'],
  ['a keyboard row', 'qwertyuiop12', 'password_too_weak'],
  ['a word with signs for letters', 'P@ssw0rd2026!', 'password_too_common'],
])('%s is refused', (_why, password, code) => {
  expect(() => checkPassword(password, context)).toThrow(expect.objectContaining({ code }))
})

test.each(['rain in Campinas 7', 'ωραία μέρα σήμερα', 'x7#Kq!92mzLp'])('%s is taken', (password) => {
  expect(() => checkPassword(password, context)).not.toThrow()
})

test('character classes are asked for where the site says so', () => {
  const refused = expect.objectContaining({ code: 'password_classes_missing' })
  expect(() => checkPassword('rain in Campinas', context, true)).toThrow(refused)
  expect(() => checkPassword('rain in campinas 7', context, true)).toThrow(refused)
  expect(() => checkPassword('rain in Campinas 7', context, true)).not.toThrow()
})
