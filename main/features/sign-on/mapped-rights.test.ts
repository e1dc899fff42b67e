import { expect, test } from 'vitest'
import type { SignOnMapping } from '#contract/api/sign-on.ts'
import { mappedRights } from './mapped-rights.ts'

const line = (group: string, over: Partial<SignOnMapping>): SignOnMapping => ({
  group,
  tenantId: 't',
  roleId: 'operator',
  reach: 'tenant',
  groupIds: [],
  ...over,
})

test('in each tenant the first line that matches decides', () => {
  const mappings = [
    line('bosses', { roleId: 'tenant_admin' }),
    line('all', { roleId: 'viewer' }),
    line('all', { tenantId: 'u', roleId: 'viewer', reach: 'own' }),
  ]
  expect(mappedRights(mappings, ['all', 'bosses'])).toEqual([
    { tenantId: 't', roleId: 'tenant_admin', reach: 'tenant', groupIds: [] },
    { tenantId: 'u', roleId: 'viewer', reach: 'own', groupIds: [] },
  ])
  expect(mappedRights(mappings, ['ALL', 'other'])).toEqual([])
})

test('lines of one role add their groups to each other, and never to another role or a whole tenant', () => {
  const mappings = [
    line('one', { reach: 'groups', groupIds: ['1'] }),
    line('two', { reach: 'groups', groupIds: ['2', '1'] }),
    line('admins', { reach: 'groups', groupIds: ['3'], roleId: 'tenant_admin' }),
    line('all', {}),
  ]
  expect(mappedRights(mappings, ['one', 'two', 'admins', 'all'])).toEqual([
    { tenantId: 't', roleId: 'operator', reach: 'groups', groupIds: ['1', '2'] },
  ])
})
