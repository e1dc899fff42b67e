import { expect, test } from 'vitest'
import { newRole, toggled } from './role-draft.ts'

test('a click gives what is missing of an area, and takes it where nothing is', () => {
  const reading = toggled(newRole, ['gateways:read'])
  expect([...reading.permissions]).toEqual(['gateways:read'])
  const all = toggled(reading, ['gateways:read', 'gateways:write'])
  expect([...all.permissions]).toEqual(['gateways:read', 'gateways:write'])
  expect(toggled(all, ['gateways:read', 'gateways:write']).permissions.size).toBe(0)
})
