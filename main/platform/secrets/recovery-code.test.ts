import { expect, test } from 'vitest'
import { makeRecoveryCode, recoveryWrappingKey } from './recovery-code.ts'

const salt = Buffer.alloc(16, 7)

test('seven groups of five, free of look-alikes, never the same', () => {
  const codes = new Set(Array.from({ length: 200 }, makeRecoveryCode))
  expect(codes.size).toBe(200)
  for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){6}[0-9A-HJKMNP-TV-Z]{5}$/)
})

test('look-alikes, case, spaces and dashes do not matter', () => {
  let code = makeRecoveryCode()
  while (!/0.*1/.test(code)) code = makeRecoveryCode()
  const typed = code.replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('-', '  ').toLowerCase()
  expect(recoveryWrappingKey(typed, salt)).toEqual(recoveryWrappingKey(code, salt))
})

test('any single wrong character is noticed and its group named', () => {
  const code = makeRecoveryCode().replaceAll('-', '')
  for (let at = 0; at < code.length; at++) {
    for (const other of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
      if (other === code[at]) continue
      const typed = code.slice(0, at) + other + code.slice(at + 1)
      const group = Math.floor(at / 5) + 1
      expect(() => recoveryWrappingKey(typed, salt)).toThrow(expect.objectContaining({ data: { group } }))
    }
  }
})

test('swapped groups and other lengths are noticed', () => {
  const groups = makeRecoveryCode().split('-')
  while (groups[1] === groups[4]) groups.splice(0, 7, ...makeRecoveryCode().split('-'))
  const swapped = groups
    .with(1, groups[4] ?? '')
    .with(4, groups[1] ?? '')
    .join('-')
  expect(() => recoveryWrappingKey(swapped, salt)).toThrow(
    expect.objectContaining({ code: 'recovery_code_mistyped' }),
  )
  expect(() => recoveryWrappingKey('', salt)).toThrow(
    expect.objectContaining({ code: 'recovery_code_wrong' }),
  )
})
