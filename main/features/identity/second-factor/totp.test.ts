import { expect, test } from 'vitest'
import { newSeed, seedText, stepOfCode, totpUri } from './totp.ts'

// RFC 6238 appendix B, SHA-1; of its eight digits the last six are what six-digit codes are.
const seed = Buffer.from('12345678901234567890')
const vectors: [number, string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
]

test.each(vectors)('RFC 6238: at %i s the code is %s', (seconds, code) => {
  expect(stepOfCode(seed, code, seconds * 1000, null)).toBe(Math.floor(seconds / 30))
})

test('a clock may be one step off, not two', () => {
  const step = Math.floor(59 / 30)
  const at = (steps: number) => stepOfCode(seed, '287082', (59 + 30 * steps) * 1000, null)
  expect([at(-2), at(-1), at(0), at(1), at(2)]).toEqual([null, step, step, step, null])
})

test('a step that was taken, and any before it, counts no more', () => {
  const step = Math.floor(59 / 30)
  expect(stepOfCode(seed, '287082', 59_000, step)).toBeNull()
  expect(stepOfCode(seed, '287082', 59_000, step + 1)).toBeNull()
  expect(stepOfCode(seed, '287082', 59_000, step - 1)).toBe(step)
})

test.each(['287083', '28708', '2870820', '', '287０82', 'abcdef'])('%j is no code', (code) => {
  expect(stepOfCode(seed, code, 59_000, null)).toBeNull()
})

test('the address for the QR code carries seed, site and account', () => {
  const made = newSeed()
  const uri = new URL(totpUri(made, { site: 'Aurora: Dairy', account: 'kim@plant.example' }))
  expect(uri.protocol).toBe('otpauth:')
  expect(decodeURIComponent(uri.pathname)).toContain('kim@plant.example')
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    issuer: 'Aurora  Dairy',
    secret: seedText(made),
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  })
  expect(seedText(made)).toMatch(/^[A-Z2-7]{32}$/)
})
