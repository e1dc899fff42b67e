import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { FollowedMessage, TapOptions } from '#contract/model/tapped.ts'
import { localSiteAdmin, wholeTenant } from '#features/access/index.ts'
import { batchOf, gatewayRow, ofGateway } from './tap-batch.fixture.ts'
import { type TopicsDependencies, TopicsService } from './topics.service.ts'

/** A broker that is told what to copy. */
function open(accepts: TopicsDependencies['publisher']['accepts'] = async () => false) {
  const told: (TapOptions | null)[] = []
  const service = new TopicsService({
    log: pino({ level: 'silent' }),
    broker: {
      tap: async (options) => void told.push(options),
      refusedMessages: async () => [],
      topicUse: async () => null,
      publish: async () => undefined,
    },
    publisher: { accepts },
    gateway: () => gatewayRow('g1'),
    // Neither is asked here.
    tenants: {} as TopicsDependencies['tenants'],
    fleet: {} as TopicsDependencies['fleet'],
  })
  return { service, told }
}

test('what comes between the first look and the first batch is shown or counted', async () => {
  const { service, told } = open()
  const opening = service.follow(localSiteAdmin, wholeTenant('north'), 'mw/#')
  await expect.poll(() => told.length).toBe(1)
  const id = told[0]?.follows[0]?.id ?? 0
  const message: FollowedMessage = {
    topic: 'mw/a',
    at: 1_000,
    qos: 0,
    retain: false,
    refusal: null,
    owner: ofGateway('g1'),
    sender: { kind: 'site' },
    payload: Buffer.from('1'),
    length: 1,
    follows: [id],
  }
  const said = [{ topic: 'mw/a', owner: ofGateway('g1'), at: 1_000, retained: true, payload: '1' }]
  service.tapped(batchOf(said, { followed: [message], passedOver: [{ id, messages: 3 }] }))
  const { take, close } = await opening
  expect(take()).toMatchObject({ messages: [{ topic: 'mw/a', at: 1_000 }], notShown: 3 })
  close()
  service.stop()
})

test('a follow that cannot begin leaves nothing behind', async () => {
  const { service, told } = open(() => Promise.reject(new Error('gone')))
  for (let n = 0; n < 8; n++)
    await expect(service.follow(localSiteAdmin, { all: true }, 'mw/a')).rejects.toThrow('gone')
  await expect.poll(() => told.at(-1)?.follows).toEqual([])
  service.stop()
})
