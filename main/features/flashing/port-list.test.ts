import { expect, test, vi } from 'vitest'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { wholeTenant } from '#features/access/index.ts'
import { PortClaims } from './port-claims.ts'
import { PortList } from './port-list.ts'

const port = (name: string, identity = name): SerialPort => ({
  path: `/dev/${name}`,
  name,
  identity,
  vendorId: null,
  productId: null,
  serialNumber: null,
  manufacturer: null,
  adapter: 'other',
  guess: null,
  isSimulated: false,
  access: { state: 'free' },
})

/** A machine whose ports change as a test says. */
function bench(plugged: SerialPort[]) {
  let ports = plugged
  let tell: (ports: readonly SerialPort[]) => void = () => {}
  const claims = new PortClaims()
  const list = new PortList(
    {
      ports: () => ports,
      onPorts: (listener) => {
        tell = listener
        return () => {}
      },
      openBoard: () => Promise.reject(new Error('not here')),
      openMonitor: () => Promise.reject(new Error('not here')),
    },
    claims,
  )
  const plug = (...now: SerialPort[]) => {
    ports = now
    tell(ports)
  }
  return { list, claims, plug }
}

const one = port('ttyUSB0')
const two = port('ttyUSB1')
const job = { id: 'j', tenantId: 't', runId: 'r' }

test('a board that a run had is left alone until it is plugged in again', () => {
  const { list, plug } = bench([two])
  list.start()
  for (const runId of ['r', 'other']) list.take(runId)
  plug(one, two)
  expect(list.isFresh(one, 'r')).toBe(true)
  list.began(one.identity, job)
  expect([list.isFresh(one, 'r'), list.isFresh(one, 'other')]).toEqual([false, true])
  plug(two)
  plug(one, two)
  expect(list.isFresh(one, 'r')).toBe(true)
  list.skip(one.identity, 'r')
  expect([list.isFresh(one, 'r'), list.isUntouched(one, 'r')]).toEqual([false, false])
})

test('what is there when a run begins waits to be asked for, also at the first look after a start of the site', () => {
  const { list, plug } = bench([one])
  list.start()
  list.take('r')
  expect([list.isFresh(one, 'r'), list.isUntouched(one, 'r')]).toEqual([false, true])
  plug(one, two)
  expect([list.isFresh(one, 'r'), list.isFresh(two, 'r')]).toEqual([false, true])
  const scope = wholeTenant('t')
  const shown = [one, two].map((port) => list.view(port, scope, (id) => id === 'r').beginsByItself)
  expect([...shown, list.view(two, scope, () => false).beginsByItself]).toEqual([false, true, false])
  list.takeNoMore('r')
  expect(list.isFresh(two, 'r')).toBe(false)

  const later = bench([])
  later.list.take('r')
  later.list.start()
  later.plug(one)
  later.plug(one, two)
  expect([later.list.isFresh(one, 'r'), later.list.isFresh(two, 'r')]).toEqual([false, true])
})

test('a board that is away for a moment was not unplugged by a person, whether a job had it or not', () => {
  vi.useFakeTimers()
  try {
    const { list, claims, plug } = bench([one])
    list.start()
    const awayFor = (ms: number) => {
      plug()
      vi.advanceTimersByTime(ms)
      plug(one)
      return list.wasUnplugged(one)
    }
    expect([awayFor(500), awayFor(3_000), awayFor(2_999)]).toEqual([false, true, false])
    const release = claims.take(one, { kind: 'job', tenantId: 't', jobId: 'j', who: 'a flash job' })
    plug()
    vi.advanceTimersByTime(3_000)
    release()
    plug(one)
    expect(list.wasUnplugged(one)).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('a port that leaves for a moment while a job has it was only reset', () => {
  const { list, claims, plug } = bench([two])
  list.start()
  list.take('r')
  plug(one)
  const release = claims.take(one, { kind: 'job', tenantId: 't', jobId: 'j', who: 'a flash job' })
  list.began(one.identity, job)
  plug()
  plug(one)
  release()
  expect(list.isFresh(one, 'r')).toBe(false)
  const again = claims.take(one, { kind: 'job', tenantId: 't', jobId: 'j', who: 'a flash job' })
  plug()
  again()
  plug(one)
  expect(list.isFresh(one, 'r')).toBe(true)
})

test('boards of before a restart are known when their ports are seen', () => {
  const { list, plug } = bench([])
  list.start()
  list.remember(one.identity, job)
  plug()
  list.take('r')
  plug(one, two)
  expect([list.isFresh(one, 'r'), list.isFresh(two, 'r')]).toEqual([false, true])
  list.stop()
})

test('two boards with one MAC are told apart by their ports; another tenant sees that one is taken, and nothing else', () => {
  const { list, claims, plug } = bench([one, two])
  list.start()
  const atWork = claims.take(one, { kind: 'job', tenantId: 't', jobId: 'i', who: 'a flash job' })
  list.identified(one.path, '24:6f:28:00:00:01')
  expect(() => list.identified(two.path, '24:6f:28:00:00:01')).toThrow(/24:6f:28:00:00:01/)
  list.identified(one.path, '24:6f:28:00:00:01')
  atWork()
  claims.take(one, { kind: 'job', tenantId: 't', jobId: 'j', who: 'a flash job' })
  list.began(one.identity, job)
  expect(list.view(one, wholeTenant('t'), () => true)).toMatchObject({ isTaken: true, jobId: 'j' })
  expect(list.view(one, wholeTenant('other'), () => false)).toMatchObject({ isTaken: true, jobId: null })
  expect(() => list.requireFree(one)).toThrow('in use by a flash job')
  plug(two)
  list.identified(two.path, '24:6f:28:00:00:02')
})
