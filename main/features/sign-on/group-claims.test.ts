import { expect, test } from 'vitest'
import { groupsOf, readClaims } from './group-claims.ts'

test.each<[string, Record<string, unknown>, string, string[]]>([
  ['a list', { groups: ['a', 'b'] }, 'groups', ['a', 'b']],
  ['a path', { realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
  ['a name with dots before a path', { 'https://x.example/g': ['a'] }, 'https://x.example/g', ['a']],
  ['one name', { groups: 'a' }, 'groups', ['a']],
  ['nothing', {}, 'groups', []],
  ['what is no text', { groups: [1, null, { a: 1 }, '', 'a', 'x'.repeat(300)] }, 'groups', ['a']],
  ['what every object has', {}, 'constructor.name', []],
  ['a path through a list', { a: ['b'] }, 'a.length', []],
])('%s', (_what, claims, path, groups) => {
  expect(groupsOf(claims, path)).toEqual(groups)
})

test('a flood of groups is cut', () => {
  expect(groupsOf({ groups: Array.from({ length: 10_000 }, (_, i) => `g${i}`) }, 'groups')).toHaveLength(
    2_000,
  )
})

test('an address counts as verified only where that is said', () => {
  const verified = (said: unknown) =>
    readClaims({ sub: 'x', email: 'a@b', email_verified: said }, null).emailVerified
  expect([true, 'true'].map(verified)).toEqual([true, true])
  expect([false, undefined, 1, 'yes', null].map(verified)).toEqual([false, false, false, false, false])
})
