import { expect, test } from 'vitest'
import { MessageFollow } from './message-follow.ts'
import type { CapturedMessage } from './message-view.ts'
import { gatewayRow, ofGateway } from './tap-batch.fixture.ts'

const message = (at: number, more: Partial<CapturedMessage> = {}): CapturedMessage => ({
  topic: 'mw/a',
  at,
  qos: 0,
  retain: false,
  refusal: null,
  owner: ofGateway('g1'),
  sender: null,
  payload: Buffer.from(String(at)),
  length: 1,
  ...more,
})

const follow = () =>
  new MessageFollow({ all: false, tenantId: 'north', within: null }, () => gatewayRow('g1'))
const times = (one: MessageFollow) => one.take()?.messages.map(({ at }) => at)

test('what was known comes before what was heard meanwhile, and nothing twice or unseen', () => {
  const one = follow()
  one.add(message(20))
  one.add(message(30))
  one.precede([
    message(10),
    message(15, { owner: ofGateway('g1', 'south') }),
    message(30),
    message(30, { topic: 'mw/b' }),
  ])
  expect(times(one)).toEqual([10, 30, 20, 30])
})

test('what finds no room is counted, what was known as well', () => {
  const one = follow()
  for (let at = 100; at < 600; at += 1) one.add(message(at))
  one.precede([message(10), message(11)])
  one.passedOver(5)
  const taken = one.take()
  expect([taken?.messages.length, taken?.messages[0]?.at, taken?.notShown]).toEqual([500, 100, 7])
})
