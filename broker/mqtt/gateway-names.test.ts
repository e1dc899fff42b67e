import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Policy } from '#broker/auth/policy.ts'
import { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { Identity, PolicyChange } from '#broker/port.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import { forgetOldNames, namesBefore } from './gateway-names.ts'

let folder: string
let persistence: SqlitePersistence
let policy: Policy
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-names-'))
  persistence = new SqlitePersistence(join(folder, 'mqtt.sqlite'), {
    queuedMessagesPerClient: 10,
    queuedBytesPerClient: 10_000,
    subscriptionsPerClient: 3,
    onQueueFull: () => {},
    maySubscribe: () => true,
    mayReceive: () => true,
  })
  policy = new Policy()
})
afterEach(async () => {
  await persistence.destroy()
  rmSync(folder, { recursive: true })
})

const noAliases = { topic: null, tenant: null, user: null, clientId: null, username: null }
const identity = (n: number): Identity => ({
  gatewayId: `g${n}`,
  tenantId: 't',
  assignmentId: `a${n}`,
  wireName: `aabbcc00000${n}`,
  mac: null,
  label: `ESP-${n}`,
  aliases: noAliases,
  dialect: 'acme',
  access: 'allowed',
  credential: 'certificate',
  certificates: [],
  secrets: [],
  awaitsBind: false,
  groupPath: [],
  ownerUserId: null,
})
const dialect = (title: string, pattern: string): PolicyChange => {
  const topics: DialectDefinition['topics'] = [
    { direction: 'to_site', pattern, kind: 'telemetry', codec: { format: 'values' } },
    { direction: 'to_site', pattern: 'acme/{label}/status', kind: 'status' },
  ]
  return { op: 'put_dialect', dialect: { name: 'acme', title, clientIds: ['any'], topics } }
}
const change = async (...changes: PolicyChange[]): Promise<void> => {
  const before = namesBefore(changes, policy)
  for (const one of changes) policy.apply(one)
  await forgetOldNames(before, persistence.retained, policy)
}
const store = (topic: string) => persistence.storeRetained({ topic, payload: 'x' })
const topics = () => Array.from(persistence.retained.matching(['#']), ({ topic = '' }) => topic).toSorted()

test('a dialect that changes takes the messages of topics that its gateways have no more, and no other', async () => {
  await change(dialect('a', 'acme/{label}/values'))
  await change({ op: 'put', identity: identity(1) }, { op: 'put', identity: identity(2) })
  for (const label of ['ESP-1', 'esp-2', 'ESP-3'])
    for (const kind of ['values', 'status']) await store(`acme/${label}/${kind}`)
  await change(dialect('a', 'acme/{label}/readings'))
  const left = ['acme/ESP-1/status', 'acme/ESP-3/status', 'acme/ESP-3/values', 'acme/esp-2/status']
  expect(topics()).toEqual(left)
})

test('another title changes nothing that a gateway may do: nothing is looked for, and no session ends', async () => {
  await change(dialect('a', 'acme/{label}/values'))
  await change({ op: 'put', identity: identity(1) }, { op: 'put', identity: identity(2) })
  const key = policy.find('g1')?.rules.key
  let looked = 0
  const before = namesBefore([dialect('b', 'acme/{label}/values')], policy)
  expect(policy.apply(dialect('b', 'acme/{label}/values'))).toEqual([])
  const counting = {
    remove: async () => void (looked += 1),
    removeUnderAnyCase: async () => void (looked += 1),
    removeInTurns: async () => void (looked += 1),
  }
  await forgetOldNames(before, counting, policy)
  expect(looked).toBe(0)
  expect(policy.find('g1')?.rules.key).toBe(key)
  expect(policy.apply(dialect('b', 'acme/{label}/other'))).toHaveLength(2)
})
