import fc from 'fast-check'
import { expect, test } from 'vitest'
import { knownWords } from './known-words.ts'
import { passwordFault, passwordStrength } from './password-strength.ts'

const own = ['Kim Souza', 'kim@aurora.example', 'Aurora Dairy']
const words = [...knownWords.keys()].filter((word) => word.length >= 3)

test.each([
  ['', 0],
  ['password', 0],
  ['P@ssw0rd2026', 0],
  ['drowssap1234', 0],
  ['qwertyuiop[]', 0],
  ['aaaaaaaaaaaaaaaa', 0],
  ['Summer2026!!', 1],
  ['KimSouza2026!', 0],
  ['green harbour lamp 42', 4],
  ['x7#Kq!92mzLp', 4],
  ['ωραία μέρα σήμερα', 4],
])('%j has the score %i', (password, score) => {
  expect(passwordStrength(password, own).score).toBe(score)
})

test('says what makes it weak', () => {
  const weakness = (password: string) => passwordStrength(password, own).weakness
  expect(weakness('kimsouza')).toBe('own')
  expect(weakness('corinthians')).toBe('known')
  expect(weakness('abcabcabc')).toBe('pattern')
  expect(weakness('green harbour lamp 42')).toBeNull()
})

test('a known word with the usual ends is refused, however it is spelled', () => {
  const ends = fc.constantFrom('1', '12', '123', '1234', '12345', '2026', '!', '!!', '2025!', '99')
  const spell = fc.constantFrom(
    (word: string) => word,
    (word: string) => word.toUpperCase(),
    (word: string) => word.charAt(0).toUpperCase() + word.slice(1),
    (word: string) => word.replaceAll('a', '4').replaceAll('o', '0').replaceAll('e', '3'),
  )
  fc.assert(
    fc.property(fc.constantFrom(...words), ends, spell, (word, end, spelled) => {
      expect(passwordFault(spelled(word) + end, own, { classes: false })).not.toBeNull()
    }),
  )
})

test('four words that were drawn, not chosen, are taken', () => {
  const four = fc.array(fc.constantFrom(...words.filter((word) => word.length >= 5)), {
    minLength: 4,
    maxLength: 4,
  })
  fc.assert(
    fc.property(
      four.filter((drawn) => new Set(drawn).size === 4),
      (drawn) => {
        expect(passwordFault(drawn.join(' '), own, { classes: false })).toBeNull()
      },
    ),
  )
})

test('any text is judged, in the time between two keys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const { score, guesses } = passwordStrength(text, own)
      expect([0, 1, 2, 3, 4]).toContain(score)
      expect(Number.isFinite(guesses)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('what is added and belongs to nothing never makes it weaker', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12, maxLength: 30 }), (text) => {
      const longer = passwordStrength(`${text} §µ`, own).guesses
      expect(longer).toBeGreaterThanOrEqual(passwordStrength(text, own).guesses)
    }),
    { numRuns: 50 },
  )
})

test('an accent or a wide letter is the same password', () => {
  expect(passwordFault('ｐａｓｓｗｏｒｄ１２３４', own, { classes: false })).toBe('password_too_common')
  expect(passwordFault('señha señha 12', own, { classes: false })).not.toBeNull()
})
