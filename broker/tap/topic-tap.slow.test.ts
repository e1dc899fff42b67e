import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { TestBroker, until } from '#broker/testing/test-broker.ts'
import { refusalReasons } from '#contract/model/refusal.ts'
import { TAP_WIDTH, TapColumn, TapFlag, type TapOptions } from '#contract/model/tapped.ts'

let site: TestBroker
beforeAll(async () => {
  site = await TestBroker.start()
  await site.openListeners()
})
afterEach(async () => {
  await site.broker.tap(null)
  site.events.length = 0
})
afterAll(() => site.stop())

const everything: TapOptions = { tenants: null, follows: [] }
const whole = { groupIds: null, ownerUserId: null }

const batches = () => site.events.flatMap((event) => (event.type === 'tapped' ? [event.batch] : []))

/** Every row so far, in words. */
function rows() {
  return batches().flatMap(({ topics, rows: numbers, payloads, owners, senders }) =>
    topics.map((topic, index) => {
      const at = (column: number): number => numbers[index * TAP_WIDTH + column] ?? Number.NaN
      const offset = at(TapColumn.offset)
      const flags = at(TapColumn.flags)
      return {
        topic,
        count: at(TapColumn.count),
        length: at(TapColumn.length),
        qos: flags & 3,
        retained: (flags & TapFlag.retained) !== 0,
        cleared: (flags & TapFlag.cleared) !== 0,
        refusal: refusalReasons[at(TapColumn.refusal) - 1] ?? null,
        owner: owners[at(TapColumn.owner)],
        sender: senders[at(TapColumn.sender)]?.kind ?? null,
        payload: Buffer.from(payloads.slice(offset, offset + at(TapColumn.kept))).toString(),
      }
    }),
  )
}

const rowsOf = (topic: string) => rows().filter((row) => row.topic === topic)
async function row(topic: string, fits: (row: ReturnType<typeof rows>[number]) => boolean = () => true) {
  await until(() => rowsOf(topic).some(fits), `a row of ${topic}`)
  return rowsOf(topic).find(fits)
}

test('while nobody looks nothing is copied; then what gateways, clients and the site publish is told', async () => {
  const gateway = await site.gateway()
  const scada = await site.client()
  const name = (kind: string) => `mw/${gateway.identity.wireName}/${kind}`
  const box = await site.connect(gateway)
  const panel = await site.connectClient(scada)
  await box.publishAsync(name('telemetry'), '{"values":{"x":1}}', { qos: 1 })
  await box.publishAsync(name('status'), 'online', { qos: 1, retain: true })
  expect(batches()).toEqual([])

  await site.broker.tap(everything)
  // What is retained is there at once.
  expect(await row(name('status'))).toMatchObject({
    count: 0,
    retained: true,
    payload: 'online',
    sender: null,
  })
  for (const value of [2, 3])
    await box.publishAsync(name('telemetry'), `{"values":{"x":${value}}}`, { qos: 1 })
  await panel.publishAsync(name('commands'), 'go', { qos: 1, retain: true })
  await panel.publishAsync(`${scada.identity.prefix}/note`, 'n', { qos: 0, retain: true })
  await site.broker.publish({ topic: name('twin/desired'), payload: '{}', qos: 1, retain: true })
  await box.publishAsync(name('status'), '', { qos: 1, retain: true })

  const owner = { kind: 'gateway', tenantId: 'tenant-1', gatewayId: gateway.identity.gatewayId }
  await row(name('telemetry'), ({ payload }) => payload === '{"values":{"x":3}}')
  expect(rowsOf(name('telemetry')).reduce((sum, { count }) => sum + count, 0)).toBe(2)
  expect(rowsOf(name('telemetry'))[0]).toMatchObject({ owner, sender: 'gateway', retained: false, qos: 1 })
  // Commands of clients are not retained, whatever they ask for.
  expect(await row(name('commands'))).toMatchObject({ owner, sender: 'client', retained: false })
  expect(await row(`${scada.identity.prefix}/note`)).toMatchObject({
    owner: { kind: 'space', tenantId: 'tenant-1', reaches: [whole] },
    retained: true,
  })
  expect(await row(name('twin/desired'))).toMatchObject({ sender: 'site', retained: true })
  expect(await row(name('status'), ({ count }) => count > 0)).toMatchObject({ cleared: true, length: 0 })

  await site.broker.tap(null)
  const told = batches().length
  await box.publishAsync(name('telemetry'), '{"values":{"x":4}}', { qos: 1 })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(batches()).toHaveLength(told)
  await box.endAsync()
  await panel.endAsync()
})

test('what is refused is flagged, is its sender’s, and is kept also while nobody looks', async () => {
  const gateway = await site.gateway()
  const other = await site.gateway({ tenantId: 'tenant-2' })
  const box = await site.connect(gateway)
  const foreign = `mw/${other.identity.wireName}/telemetry`
  await box.publishAsync('made/up', 'a'.repeat(5_000), { qos: 0 })
  await site.refusal('topic_denied')
  const kept = (await site.broker.refusedMessages()).at(-1)
  const owner = { kind: 'gateway', tenantId: 'tenant-1', gatewayId: gateway.identity.gatewayId }
  expect(kept).toMatchObject({ topic: 'made/up', refusal: 'topic_denied', length: 5_000, owner })
  expect(kept?.payload).toHaveLength(4_096)

  await site.broker.tap(everything)
  await box.publishAsync(foreign, '{"values":{"x":1}}', { qos: 0 })
  await box.publishAsync(`mw/${gateway.identity.wireName}/telemetry`, 'no json', { qos: 0 })
  expect(await row(foreign)).toMatchObject({ refusal: 'topic_denied', owner })
  expect(await row(`mw/${gateway.identity.wireName}/telemetry`)).toMatchObject({
    refusal: 'payload_not_json',
  })

  // Whoever gets the gateway next does not see what it sent before.
  const moved = { ...gateway.identity, assignmentId: 'assignment-next', tenantId: 'tenant-2' }
  await site.broker.applyPolicy([{ op: 'put', identity: moved }])
  expect((await site.broker.refusedMessages()).map(({ owner: whose }) => whose)).not.toContainEqual(owner)
  await box.endAsync()
})

test('a sender that makes up topics drives no other out; its messages are counted', async () => {
  const [noisy, quiet] = [await site.gateway(), await site.gateway()]
  const boxes = [await site.connect(noisy), await site.connect(quiet)] as const
  await boxes[1].publishAsync('lost', 'x', { qos: 0 })
  await site.refusal('topic_denied')
  await site.broker.tap(everything)
  for (let n = 0; n < 400; n++) boxes[0].publish(`made/up/${n}`, 'x', { qos: 0 })
  const told = () =>
    rows().reduce((sum, { refusal, count }) => sum + (refusal === 'topic_denied' ? count : 0), 0)
  const missed = () =>
    batches().reduce((sum, batch) => sum + batch.missed.reduce((all, { messages }) => all + messages, 0), 0)
  await until(() => told() + missed() === 400, 'all messages, told or counted')
  for (const { topics } of batches())
    expect(topics.filter((topic) => topic.startsWith('made/up')).length).toBeLessThanOrEqual(50)
  expect((await site.broker.refusedMessages()).map(({ topic }) => topic)).toContain('lost')
  for (const box of boxes) await box.endAsync()
})

test('follows get message by message, of their tenant and reach, as many as they take', async () => {
  const inside = await site.gateway({ groupPath: ['hall', 'site'] })
  const [outside, foreign] = [await site.gateway(), await site.gateway({ tenantId: 'tenant-2' })]
  const mine = { groupIds: ['hall'], ownerUserId: null }
  const follows = [
    { id: 1, filter: 'mw/+/events', tenantId: null, reach: whole, most: 100 },
    { id: 2, filter: '#', tenantId: 'tenant-1', reach: mine, most: 3 },
    { id: 3, filter: `mw/${foreign.identity.wireName}/events`, tenantId: 'tenant-1', reach: whole, most: 9 },
  ]
  await site.broker.tap({ tenants: null, follows })
  for (const gateway of [inside, outside, foreign]) {
    const box = await site.connect(gateway)
    for (let n = 0; n < 5; n++) box.publish(`mw/${gateway.identity.wireName}/events`, `${n}`, { qos: 0 })
    await box.publishAsync(`mw/${gateway.identity.wireName}/events`, 'last', { qos: 1 })
    await box.endAsync()
  }
  const followed = (id: number) =>
    batches()
      .flatMap((batch) => batch.followed)
      .filter((message) => message.follows.includes(id))
  const over = (id: number) =>
    batches()
      .flatMap(({ passedOver }) => passedOver)
      .reduce((sum, one) => sum + (one.id === id ? one.messages : 0), 0)
  await until(() => followed(1).length === 18, 'all messages of the first')
  expect(followed(2).length + over(2)).toBe(6)
  expect(new Set(followed(2).map(({ topic }) => topic))).toEqual(
    new Set([`mw/${inside.identity.wireName}/events`]),
  )
  expect(followed(3)).toEqual([])
  expect(Buffer.from(followed(1).at(-1)?.payload ?? []).toString()).toBe('last')
})

test('only tenants that somebody looks at are copied, and a wider look lists what is retained there', async () => {
  const [mine, theirs] = [await site.gateway(), await site.gateway({ tenantId: 'tenant-2' })]
  await site.broker.tap({ tenants: ['tenant-1'], follows: [] })
  for (const gateway of [theirs, mine]) {
    const box = await site.connect(gateway)
    await box.publishAsync(`mw/${gateway.identity.wireName}/status`, 'here', { qos: 1, retain: true })
    await box.endAsync()
  }
  await row(`mw/${mine.identity.wireName}/status`)
  expect(rowsOf(`mw/${theirs.identity.wireName}/status`)).toEqual([])
  await site.broker.tap(everything)
  expect(await row(`mw/${theirs.identity.wireName}/status`)).toMatchObject({ retained: true, count: 0 })
  // Unclaimed or revoked: its retained messages go, and that is told.
  await site.broker.forget(mine.identity.gatewayId)
  await until(
    () => batches().some(({ cleared }) => cleared.includes(`mw/${mine.identity.wireName}/status`)),
    'the end of a retained message',
  )
})

test('for whom a topic is', async () => {
  const gateway = await site.gateway()
  const { identity } = await site.client()
  const use = (topic: string) => site.broker.topicUse(topic)
  const { wireName, gatewayId } = gateway.identity
  const its = { kind: 'gateway', tenantId: 'tenant-1', gatewayId, mayRetain: true }
  expect(await use(`mw/${wireName}/commands`)).toEqual({ ...its, receives: 'commands' })
  expect(await use(`mw/${wireName}/telemetry`)).toEqual({ ...its, receives: null })
  expect(await use(`${identity.prefix}/x`)).toEqual({
    kind: 'space',
    tenantId: 'tenant-1',
    reaches: [whole],
    mayRetain: true,
  })
  for (const topic of ['mw/time', '$SYS/x', 'nobodys', '']) expect(await use(topic)).toBeNull()
})
