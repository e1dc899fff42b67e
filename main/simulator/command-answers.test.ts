import { expect, test } from 'vitest'
import { answerTo } from './command-answers.ts'

const box = { code: 'GW001', uptime: 7, channels: 3, sent: 12 }
const ask = (payload: string) => answerTo(Buffer.from(payload), box)

test('answers by name, and with the id of the command', () => {
  expect(ask('{"id":"1","name":"report"}')).toEqual({
    id: '1',
    ok: true,
    result: { uptime: 7, channels: 3, sent: 12 },
  })
  expect(ask('{"id":"1","name":"fail"}')).toMatchObject({ ok: false })
  expect(ask('{"id":"1","name":"whatever"}')).toEqual({ id: '1', ok: true, result: {} })
})

test.each(['', 'null', '[]', '{"id":1}', 'on'])('%j is no command', (payload) => {
  expect(ask(payload)).toBeNull()
})
