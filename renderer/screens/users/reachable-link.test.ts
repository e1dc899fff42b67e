import { expect, test } from 'vitest'
import { reachableLink } from './reachable-link.ts'

const link = 'https://plant.local:8443/invitation#abc'

test.each([
  ['https://10.0.0.5:8443/admin/users', 'https://10.0.0.5:8443/invitation#abc'],
  ['http://localhost:8442/admin/users', link],
  ['https://localhost:8443/admin/users', link],
  ['https://127.0.0.1:8443/', link],
  ['app://millwright/admin/users', link],
])('made at %s', (at, expected) => {
  expect(reachableLink(link, new URL(at))).toBe(expected)
})
