import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync, type MqttClient as Mqtt } from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopicMessage, TopicsWatched } from '#contract/api/topics.ts'
import { type Credentials, unpack } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { millwright, millwrightJson } from '../cli/command.ts'
import { type Api, People, type Person } from './people.ts'

/** What people of two tenants see of what two gateways, real MQTT clients, publish. */

let site: TestSite
let people: People
let northId: string
let southId: string
let north: Credentials
let south: Credentials
const boxes: Mqtt[] = []
const staff: Record<string, Person> = {}

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  northId = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  southId = (await site.engine.createTenant({ slug: 'south', name: 'South' })).id
  const made = async (code: string, tenant: string, mac: string) => {
    await site.local.post('/api/v1/gateways/provision', { code, name: code, mac_address: mac, tenant })
    const zip = await site.local.get(`/api/v1/gateways/${code}/credentials?tenant=${tenant}`)
    return unpack(zip.bytes, join(site.dataDir, 'unzipped', code))
  }
  north = await made('N-1', northId, 'aa:bb:cc:00:00:01')
  south = await made('S-1', southId, 'aa:bb:cc:00:00:02')
  staff['north'] = await people.add('operator', northId)
  staff['south'] = await people.add('operator', southId)
  staff['viewer'] = await people.add('viewer', northId)
  staff['nobody'] = await people.addWithin('operator', northId, [])
})
afterAll(async () => {
  for (const box of boxes) box.end(true)
  await people?.close()
  await site?.stop()
})

const box = async ({ cert, key, ca, clientId, port }: Credentials): Promise<Mqtt> => {
  const files = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) }
  const client = await connectAsync(`mqtts://127.0.0.1:${port}`, { ...files, clientId, protocolVersion: 4 })
  client.on('error', () => {})
  boxes.push(client)
  return client
}
const as = (who: string): Promise<Api> => people.api(staff[who] ?? null)
const topic = ({ clientId }: Credentials, name: string): string => `mw/${clientId}/${name}`

/** The rows of a tree as they stand after what was sent so far, and how to close it. */
async function tree(api: Api, input: Parameters<Api['topics']['watch']>[0] = {}) {
  const stream = await api.topics.watch({ all: true, ...input })
  const rows = new Map<string, TopicsWatched['rows'][number]>()
  const state = { totals: null as TopicsWatched['totals'] | null }
  const reading = (async () => {
    for await (const { rows: changed, gone, totals } of stream) {
      for (const path of gone)
        for (const known of rows.keys())
          if (known === path || known.startsWith(`${path}/`)) rows.delete(known)
      for (const row of changed) rows.set(row.path, row)
      state.totals = totals
    }
  })().catch(() => undefined)
  const close = async () => {
    await stream.return?.(undefined)
    await reading
  }
  return { rows, state, close }
}

test('everyone sees the topics of their own tenant, live, and nothing of another', async () => {
  const views = await Promise.all(
    (['north', 'south', 'nobody'] as const).map(async (who) => tree(await as(who))),
  )
  const [ofNorth, ofSouth, ofNobody] = views
  const [northBox, southBox] = [await box(north), await box(south)]
  await northBox.publishAsync(north.telemetryTopic, '{"values":{"x":1}}', { qos: 1 })
  await northBox.publishAsync(topic(north, 'status'), 'online', { qos: 1, retain: true })
  await southBox.publishAsync(south.telemetryTopic, '{"values":{"secret":7}}', { qos: 1 })
  // Not allowed: told to those of its sender, and to nobody else.
  await northBox.publishAsync(topic(south, 'status'), 'stolen', { qos: 0 })
  const row = await eventually(async () => ofNorth?.rows.get(north.telemetryTopic), 'a row')
  expect(row).toMatchObject({ messages: 1, last: { preview: '{"values":{"x":1}}', qos: 1, refusal: null } })
  await eventually(async () => ofNorth?.rows.get(topic(north, 'status'))?.retained, 'the retained flag')
  const refused = await eventually(async () => ofNorth?.rows.get(topic(south, 'status')), 'a refusal')
  expect(refused).toMatchObject({ refused: 1, last: { refusal: 'topic_denied', preview: 'stolen' } })
  expect(ofNorth?.rows.get(`mw/${north.clientId}`)?.gateway?.code).toBe('N-1')
  await eventually(async () => ofSouth?.rows.get(south.telemetryTopic), 'a row of the other tenant')
  expect(ofSouth?.rows.has(topic(south, 'status'))).toBe(false)
  expect(JSON.stringify([...(ofSouth?.rows.values() ?? [])])).not.toContain(north.clientId)
  expect(JSON.stringify([...(ofNorth?.rows.values() ?? [])])).not.toContain('secret')
  expect([...(ofNobody?.rows.keys() ?? [])].filter((path) => path.includes('aabbcc'))).toEqual([])
  for (const view of views) await view.close()
})

test('messages are followed one by one, over REST too', async () => {
  const api = await as('north')
  const northBox = await box(north)
  const stream = await api.topics.follow({ filter: topic(north, 'events') })
  const heard: TopicMessage[] = []
  const reading = (async () => {
    for await (const { messages } of stream) heard.push(...messages)
  })().catch(() => undefined)
  for (const text of ['one', 'two', Buffer.from([255, 0])])
    await northBox.publishAsync(topic(north, 'events'), text, { qos: 1 })
  await eventually(async () => heard.length === 3, 'three messages')
  expect(heard.map(({ payload, encoding }) => `${encoding} ${payload}`)).toEqual([
    'utf8 one',
    'utf8 two',
    'base64 /wA=',
  ])
  expect(heard[0]?.sender).toMatchObject({ kind: 'gateway', name: 'N-1' })
  await stream.return?.(undefined)
  await reading
  const captured = await site.browser.get('/api/v1/topics/captured?gateway=N-1&wait=0', {
    cookie: await people.cookie(staff['viewer'] as Person),
  })
  expect(captured.status).toBe(200)
  const found = captured.json.messages.map((message: TopicMessage) => `${message.topic} ${message.payload}`)
  expect(found).toContain(`${topic(north, 'status')} online`)
  expect(found).toContain(`${topic(south, 'status')} stolen`)
})

test('people publish where a gateway of theirs receives, and nowhere else; the audit has no payload', async () => {
  const api = await as('north')
  const northBox = await box(north)
  const got: string[] = []
  northBox.on('message', (name, payload) => got.push(`${name} ${payload}`))
  await northBox.subscribeAsync([topic(north, 'commands'), topic(north, 'twin/desired')], { qos: 1 })
  const sent = await api.topics.publish({ topic: topic(north, 'commands'), payload: 'open sesame' })
  expect(sent).toMatchObject({ bytes: 11, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  await api.topics.publish({ topic: topic(north, 'twin/desired'), payload: '{"v":1}', retain: true })
  await eventually(async () => got.length === 2, 'what was published')
  expect(got).toEqual([`${topic(north, 'commands')} open sesame`, `${topic(north, 'twin/desired')} {"v":1}`])
  // Cleared by an empty payload.
  await api.topics.publish({ topic: topic(north, 'twin/desired'), payload: '', retain: true })

  const refusals: [Record<string, unknown>, string][] = [
    [{ topic: topic(south, 'commands') }, 'topic_not_yours'],
    [{ topic: topic(north, 'telemetry') }, 'topic_not_yours'],
    [{ topic: 'nobodys/topic' }, 'topic_not_yours'],
    [{ topic: 'mw/time' }, 'topic_not_yours'],
    [{ topic: 'mw/+/commands' }, 'topic_invalid'],
    [{ topic: 'mw/a\0b' }, 'topic_invalid'],
    [{ topic: '$SYS/x' }, 'topic_invalid'],
    [{ topic: topic(north, 'commands'), retain: true }, 'topic_retain_refused'],
    [{ topic: topic(north, 'commands'), payload: '%%', encoding: 'base64' }, 'input_invalid'],
    [{ topic: topic(north, 'commands'), payload: 'x'.repeat(70_000) }, 'input_invalid'],
  ]
  for (const [input, code] of refusals)
    await expect(api.topics.publish({ payload: 'x', ...input } as never)).rejects.toMatchObject({ code })
  await expect((await as('viewer')).topics.publish({ topic: 'a', payload: '' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(
    (await as('nobody')).topics.publish({ topic: topic(north, 'commands'), payload: 'x' }),
  ).rejects.toMatchObject({ code: 'topic_not_yours' })
  expect(got).toHaveLength(3)

  const { text } = await site.local.get('/api/v1/audit?action=topic.publish&limit=100')
  expect(text).not.toContain('open sesame')
  const entries = JSON.parse(text).entries as { outcome: string }[]
  expect(entries.filter(({ outcome }) => outcome === 'done')).toHaveLength(3)
  expect(entries.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThanOrEqual(6)
})

test('the command line publishes, and prints what is published', async () => {
  const on = (...args: string[]) => ['topics', ...args, '--data', site.dataDir]
  const desired = topic(north, 'twin/desired')
  const sent = await millwrightJson<{ bytes: number }>(on('publish', desired, 'kept', '--retain'))
  expect(sent.bytes).toBe(4)
  const northBox = await box(north)
  const events = topic(north, 'events')
  const publishing = setInterval(() => northBox.publish(events, 'line\u001b[2J', { qos: 0 }), 100)
  const seen = await millwright(on('watch', `mw/${north.clientId}/#`, '--count', '4'))
  const one = await millwright(on('watch', events, '--count', '1', '--json'))
  clearInterval(publishing)
  expect(seen.code).toBe(0)
  const lines = seen.stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(4)
  expect(lines.filter((line) => line.includes(desired))).toEqual([
    expect.stringMatching(/^\S+ {2}\S+desired {2}\[QoS 1, retained\] {2}kept$/),
  ])
  expect(lines.at(-1)).toMatch(/^\d{4}-\S+Z {2}\S+events {2}\[QoS 0\] {2}line\ufffd\[2J$/)
  expect(JSON.parse(one.stdout)).toMatchObject({ topic: events, payload: 'line\u001b[2J' })
  const cleared = await millwright(on('publish', desired, '--retain'))
  expect(cleared.stdout).toBe(`What was retained at ${desired} is removed\n`)
  const refused = await millwright(on('publish', topic(north, 'telemetry'), 'x'))
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is not one that a gateway')])
})

test('a view ends with the rights of who opened it, and one caller opens only so many', async () => {
  const api = await as('south')
  const open: AsyncIterable<unknown>[] = []
  for (let n = 0; n < 6; n++) open.push(await api.topics.watch({}))
  await expect(api.topics.watch({})).rejects.toMatchObject({ code: 'too_many_watchers' })
  const [stream] = open
  await (stream as AsyncGenerator).return(undefined)
  await eventually(async () => {
    try {
      open.push(await api.topics.watch({}))
      return true
    } catch {
      return null
    }
  }, 'room for another')
  await site.local.post(`/api/v1/users/${staff['south']?.id}/suspend`, {})
  const [, second] = open
  await expect(
    (async () => {
      const southBox = await box(south)
      const publishing = setInterval(() => southBox.publish(topic(south, 'events'), 'x'), 50)
      try {
        for await (const _ of second ?? []);
      } finally {
        clearInterval(publishing)
      }
    })(),
  ).rejects.toMatchObject({ code: 'not_signed_in' })
})
