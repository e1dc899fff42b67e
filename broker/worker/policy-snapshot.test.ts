import { expect, test } from 'vitest'
import type { TenantPolicy } from '#broker/limits/tenant-policy.ts'
import { HOUR, hourOf } from '#contract/model/quota.ts'
import { PolicySnapshot } from './policy-snapshot.ts'

const START = hourOf(1_771_322_400_000)
const tenant = (messagesThisHour?: number): TenantPolicy => ({
  tenantId: 't',
  state: 'active',
  passwordGateways: false,
  messagesPerHour: 100,
  messagesPerSecond: null,
  burst: null,
  gatewayMessagesPerSecond: null,
  gatewayBurst: null,
  ...(messagesThisHour !== undefined && { messagesThisHour }),
})

test('a worker that is started again goes on with what tenants have used of the hour', () => {
  let now = START + 1
  const snapshot = new PolicySnapshot(() => now)
  const options = { identities: [], tenants: [tenant(40)] } as never
  snapshot.start(options)
  const used = () => snapshot.all.tenants.map(({ messagesThisHour }) => messagesThisHour)
  expect(used()).toEqual([40])
  snapshot.counted(START, [{ tenantId: 't', messages: 55 }])
  expect(used()).toEqual([55])
  snapshot.apply({ op: 'put_tenant', tenant: { ...tenant(), messagesPerHour: 200 } })
  expect(snapshot.all.tenants).toMatchObject([{ messagesPerHour: 200, messagesThisHour: 55 }])
  // In another hour nothing is used yet; what is told late of the one before does not count for it.
  now = START + HOUR
  expect(used()).toEqual([0])
  snapshot.counted(START + HOUR, [{ tenantId: 't', messages: 3 }])
  snapshot.counted(START, [{ tenantId: 't', messages: 60 }])
  expect(used()).toEqual([3])
  snapshot.apply({ op: 'remove_tenant', tenantId: 't' })
  expect(used()).toEqual([])
})

test('own dialects are known to the next worker as they are now', () => {
  const snapshot = new PolicySnapshot(() => START)
  const dialect = (name: string, title: string) => ({ name, title, clientIds: ['wire' as const], topics: [] })
  snapshot.start({ identities: [], dialects: [dialect('a', 'first'), dialect('b', 'b')] } as never)
  snapshot.apply({ op: 'put_dialect', dialect: dialect('a', 'second') })
  snapshot.apply({ op: 'remove_dialect', name: 'b' })
  expect(snapshot.all.dialects).toEqual([dialect('a', 'second')])
})
