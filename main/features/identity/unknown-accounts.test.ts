import { expect, test } from 'vitest'
import { UnknownAccounts } from './unknown-accounts.ts'

test('a name that belongs to nobody is locked like an account, and free again afterwards', () => {
  const names = new UnknownAccounts({ after: 3, lasts: 1_000 })
  names.fail('a', 10)
  names.fail('a', 20)
  expect(names.lockedUntil('a')).toBe(0)
  names.fail('a', 30)
  expect(names.lockedUntil('a')).toBe(1_030)
  names.fail('a', 2_000)
  expect(names.lockedUntil('a')).toBe(0)
  expect(names.lockedUntil('b')).toBe(0)
})

test('it remembers so many names and no more', () => {
  const names = new UnknownAccounts({ after: 1, lasts: 1_000 }, 2)
  for (const name of ['a', 'b', 'c']) names.fail(name, 0)
  expect(['a', 'b', 'c'].map((name) => names.lockedUntil(name))).toEqual([0, 1_000, 1_000])
})
