import { expect, test } from 'vitest'
import type { Me } from '#contract/api/auth.ts'
import { permissions, sitePermissions } from '#contract/model/permission.ts'
import { askedOf, type KeyForm, problemsOf, reachesOf, scopesFor } from './key-form.ts'

const me = (reach: Me['reach']) => ({ reach, permissions: [...permissions] }) as unknown as Me
const form: KeyForm = {
  name: ' Node-RED ',
  reach: 'tenant',
  tenantId: 't',
  groupId: 'g',
  scopes: ['gateways:read'],
  days: 365,
}

test('nobody is offered more than they reach, and one tenant is not told from its site', () => {
  expect(reachesOf(me('site'), true)).toEqual(['site', 'tenant', 'group'])
  expect(reachesOf(me('site'), false)).toEqual(['site', 'group'])
  expect(reachesOf(me('tenant'), false)).toEqual(['tenant', 'group'])
  expect(reachesOf(me('groups'), true)).toEqual(['group'])
  expect(reachesOf(me('own'), true)).toEqual(['own'])
})

test('rights over the site are for keys of the site alone', () => {
  expect(scopesFor(me('site'), 'site')).toEqual(permissions)
  for (const permission of sitePermissions) expect(scopesFor(me('site'), 'tenant')).not.toContain(permission)
})

test('what is missing is named, and only what belongs to the reach is sent', () => {
  expect(problemsOf(form)).toEqual([])
  expect(problemsOf({ ...form, name: ' ', tenantId: null, scopes: [] })).toEqual(['name', 'tenant', 'scopes'])
  expect(problemsOf({ ...form, reach: 'group', groupId: null })).toEqual(['group'])
  expect(askedOf(form)).toEqual({
    name: 'Node-RED',
    reach: 'tenant',
    tenant: 't',
    scopes: ['gateways:read'],
    expiresInDays: 365,
  })
  expect(askedOf({ ...form, reach: 'group', days: null })).toMatchObject({ group: 'g', expiresInDays: null })
  expect(askedOf({ ...form, reach: 'site' })).not.toHaveProperty('tenant')
})
