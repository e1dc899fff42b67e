import { expect, test } from 'vitest'
import type { PolicyChange } from '#broker/port.ts'
import { BrokerPolicy } from './broker-link.ts'

const change = (gatewayId: string, access: 'allowed' | 'suspended'): PolicyChange => ({
  op: 'put',
  identity: {
    gatewayId,
    assignmentId: 'a',
    wireName: gatewayId,
    mac: null,
    label: 'ESP-000001',
    dialect: 'canonical',
    aliases: { topic: null, tenant: null, user: null, clientId: null, username: null },
    credential: 'certificate',
    secrets: [],
    awaitsBind: false,
    access,
    certificates: [],
    tenantId: 't',
    groupPath: [],
    ownerUserId: null,
  },
})

test('a change while the broker starts is told once it runs, and only the newest of each gateway', async () => {
  const told: PolicyChange[][] = []
  const policy = new BrokerPolicy()
  await policy.applyPolicy([change('g1', 'allowed'), change('g2', 'allowed')])
  await policy.applyPolicy([change('g1', 'suspended')])
  await policy.attach({ applyPolicy: async (changes) => void told.push(changes) })
  expect(told).toEqual([[change('g1', 'suspended'), change('g2', 'allowed')]])
  await policy.applyPolicy([{ op: 'remove', gatewayId: 'g1' }])
  expect(told.at(-1)).toEqual([{ op: 'remove', gatewayId: 'g1' }])
})
