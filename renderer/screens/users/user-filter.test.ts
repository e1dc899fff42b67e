import { expect, test } from 'vitest'
import type { User } from '#contract/api/users.ts'
import { matches, readFilter, writeFilter } from './user-filter.ts'

const user = {
  name: 'José Ávila',
  email: 'jose@plant.example',
  username: null,
  state: 'active',
  siteAdmin: false,
  memberships: [{ roleId: 'viewer' }],
} as unknown as User
const none = { text: '', state: null, role: null }

test.each([
  [none, true],
  [{ ...none, text: 'jose av' }, true],
  [{ ...none, text: ' PLANT.example' }, true],
  [{ ...none, text: 'maria' }, false],
  [{ ...none, state: 'suspended' as const }, false],
  [{ ...none, role: 'viewer' }, true],
  [{ ...none, role: 'operator' }, false],
])('%j: %s', (filter, isShown) => {
  expect(matches(user, filter)).toBe(isShown)
})

test('the address carries the filter, and nothing that is none', () => {
  const filter = { text: 'a', state: 'invited' as const, role: 'operator' }
  expect(readFilter(writeFilter(filter) as Record<string, unknown>)).toEqual(filter)
  expect(writeFilter(none)).toEqual({ q: undefined, state: undefined, role: undefined })
  expect(readFilter({ q: 7, state: 'dancing', role: {} })).toEqual(none)
})
