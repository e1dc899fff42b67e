import { expect, test, vi } from 'vitest'
import type { BoxAnswer } from './box-door.ts'
import { KnockingBox } from './knocking-box.ts'

/** Answers in turn, and what was asked. */
function door(...answers: (Partial<BoxAnswer> | Error)[]) {
  const asked: string[] = []
  const ask = async (method: string, path: string, { secret }: { secret?: string } = {}) => {
    asked.push(
      `${method} ${path.replace('/api/v1/gateways/', '')}${secret === undefined ? '' : ` ${secret}`}`,
    )
    const answer = answers.shift() ?? new Error('asked too often')
    if (answer instanceof Error) throw answer
    return { status: 200, retryAfter: null, body: {}, ...answer }
  }
  return { asked, ask }
}
const knocked = { status: 202, body: { poll_interval: 30, poll_secret: 's1' } }
const made = {
  gateway_id: 'id',
  code: 'GW001',
  mqtt_client_id: 'gw',
  mqtt_broker: 'plant1.local',
  mqtt_port: 8883,
  mqtt_topic: 'mw/gw/telemetry',
  certificate_pem: 'CERT',
  private_key_pem: 'KEY',
  ca_pem: 'CA',
  dialect: 'canonical',
}
const box = (way: 'bootstrap' | 'csr', ask: ReturnType<typeof door>['ask']) =>
  new KnockingBox({ way, door: { ask }, mac: '02:00:00:00:00:01', chip: 'c', firmware: 'f' })
const never = new AbortController().signal

async function inFakeTime<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers()
  try {
    const done = work()
    done.catch(() => {})
    await vi.advanceTimersByTimeAsync(600_000)
    return await done
  } finally {
    vi.useRealTimers()
  }
}

test('knocks, polls, is told to wait, and fetches once it is claimed', async () => {
  const { asked, ask } = door(
    knocked,
    { status: 202 },
    { status: 429, retryAfter: 5 },
    new Error('ECONNREFUSED'),
    { status: 200, body: { state: 'claimed' } },
    { body: made },
  )
  const one = box('bootstrap', ask)
  const credentials = await inFakeTime(() => one.enroll(never))
  expect(credentials).toMatchObject({ code: 'GW001', clientId: 'gw', privateKey: 'KEY' })
  expect(asked).toEqual([
    'POST bootstrap',
    ...Array.from({ length: 4 }, () => 'POST bootstrap s1'),
    'GET bootstrap/credential s1',
  ])
  expect([one.state, one.lastError]).toEqual(['enrolled', null])
})

test('knocks again where the site knows it no more', async () => {
  const again = { ...knocked, body: { ...knocked.body, poll_secret: 's2' } }
  const { asked, ask } = door(knocked, { status: 410 }, again, { status: 200 }, { body: made })
  await inFakeTime(() => box('bootstrap', ask).enroll(never))
  expect(asked.slice(2)).toEqual(['POST bootstrap', 'POST bootstrap s2', 'GET bootstrap/credential s2'])
})

test('of a box with its own key the key stays where it was made', async () => {
  const { asked, ask } = door(knocked, { status: 200 }, { body: { ...made, private_key_pem: null } })
  const one = box('csr', ask)
  const enrolling = one.enroll(never)
  await expect.poll(() => one.state).toBe('waiting')
  one.pollNow()
  expect((await enrolling).privateKey).toContain('BEGIN PRIVATE KEY')
  expect(asked[0]).toBe('POST csr')
})

test('ends where it is refused, and where it was claimed as something that it does not speak', async () => {
  const refused = door({ status: 400, body: { message: 'no MAC' } })
  await expect(box('bootstrap', refused.ask).enroll(never)).rejects.toThrow('no MAC')
  const slots = door(knocked, { status: 200 }, { body: { ...made, dialect: 'slots' } })
  await expect(inFakeTime(() => box('bootstrap', slots.ask).enroll(never))).rejects.toThrow('"slots"')
  const end = new AbortController()
  const waits = door(knocked)
  const enrolling = box('bootstrap', waits.ask).enroll(end.signal)
  end.abort(new Error('stopped'))
  await expect(enrolling).rejects.toThrow('stopped')
})
