import { expect, test } from 'vitest'
import { SetupCode } from './setup-code.ts'

test('the code is taken as people type it', () => {
  const code = new SetupCode()
  expect(code.text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
  const mistyped = code.text.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
  expect(() => code.check(mistyped, 'a', 0)).not.toThrow()
})

test('each site has a code of its own', () => {
  expect(new SetupCode().text).not.toBe(new SetupCode().text)
})

test('whoever guesses waits, and the person with the code does not', () => {
  const code = new SetupCode()
  const guess = (now: number) => () => code.check('AAAA-AAAA-AAAA-AAAA', 'attacker', now)
  for (let i = 0; i < 5; i++) expect(guess(i)).toThrow(expect.objectContaining({ code: 'setup_code_wrong' }))
  expect(guess(5)).toThrow(expect.objectContaining({ code: 'too_many_requests' }))
  // Nor does the right code help whoever has to wait.
  expect(() => code.check(code.text, 'attacker', 6)).toThrow()
  expect(() => code.check(code.text, 'console', 6)).not.toThrow()
  expect(() => code.check(code.text, 'attacker', 61_000)).not.toThrow()
})

test.each(['', 'AAAA', 'A'.repeat(64)])('%j is no code, and no crash', (given) => {
  expect(() => new SetupCode().check(given, 'a', 0)).toThrow(
    expect.objectContaining({ code: 'setup_code_wrong' }),
  )
})
