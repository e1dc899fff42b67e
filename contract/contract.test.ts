import { expect, test } from 'vitest'
import { contract } from './contract.ts'
import { errorCodes } from './errors.ts'
import { permissions, rolePermissions, sitePermissions } from './model/permission.ts'

const procedures = Object.entries(contract).flatMap(([feature, all]) =>
  Object.entries(all).map(([name, procedure]) => ({ name: `${feature}.${name}`, ...procedure['~orpc'] })),
)

test.each(procedures)('$name says who may call it', ({ meta }) => {
  expect(meta.access).not.toBe('nobody')
  expect(['public', 'signed_in', 'person', ...permissions]).toContain(meta.access)
})

test('what changes something over REST has a name in the audit', () => {
  const writes = procedures.filter(({ route }) => route.path !== undefined && route.method !== 'GET')
  expect(writes.length).toBeGreaterThan(8)
  // One says that somebody is at the screen, one reads by a token that must not stand in an address, one tries
  // messages on a dialect, and one a set-up of the bench, neither of which is kept.
  const changesNothing = ['account.active', 'users.invitation', 'dialects.test', 'bench.previewRun']
  expect(writes.filter(({ meta }) => meta.audit === undefined).map(({ name }) => name)).toEqual(
    changesNothing,
  )
})

test('no two procedures share a name in the audit, or a place in REST', () => {
  const actions = procedures.flatMap(({ meta }) => meta.audit ?? [])
  expect(new Set(actions).size).toBe(actions.length)
  const places = procedures.flatMap(({ route }) => (route.path ? `${route.method} ${route.path}` : []))
  expect(new Set(places).size).toBe(places.length)
})

test('declared errors are those of the registry, with its status', () => {
  for (const { name, errorMap } of procedures)
    for (const [code, declared] of Object.entries(errorMap))
      expect([name, code, declared]).toEqual([name, code, errorCodes[code as keyof typeof errorCodes]])
})

test('each role may do what the one below it may, and only the site administrator changes the site', () => {
  const { viewer, operator, tenant_admin, site_admin } = rolePermissions
  expect(operator).toEqual(expect.arrayContaining([...viewer]))
  expect(tenant_admin).toEqual(expect.arrayContaining([...operator]))
  expect(site_admin).toEqual(permissions)
  for (const role of [viewer, operator, tenant_admin])
    for (const permission of sitePermissions) expect(role).not.toContain(permission)
  for (const role of [viewer, operator]) expect(role).not.toContain('tenants:write')
  for (const write of ['gateways:write', 'certificates:write'] as const) expect(viewer).not.toContain(write)
})
