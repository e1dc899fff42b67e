import { expect, test } from 'vitest'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { PortClaims } from './port-claims.ts'
import { PortList } from './port-list.ts'

const port = (path: string, identity: string) =>
  ({ path, name: path, identity, access: { state: 'free' } }) as SerialPort

function bench(...first: SerialPort[]) {
  let ports = first
  let tell: () => void = () => {}
  const claims = new PortClaims()
  const list = new PortList(
    {
      ports: () => ports,
      onPorts: (listener) => {
        tell = () => listener(ports)
        return () => {}
      },
      openBoard: () => Promise.reject(new Error('not here')),
      openMonitor: () => Promise.reject(new Error('not here')),
    },
    claims,
  )
  list.start()
  list.take('r')
  const plug = (...now: SerialPort[]) => {
    ports = now
    tell()
  }
  plug(...first)
  return { list, claims, plug }
}

const holder = { kind: 'job' as const, tenantId: 't', jobId: 'j', who: 'a flash job' }

test('a board that comes back under another path while a job has it is still that job’s', () => {
  const before = port('/dev/ttyACM0', 'usb:303a@1-2')
  const after = port('/dev/ttyACM1', 'usb:303a@1-2')
  const { list, claims, plug } = bench()
  plug(before)
  expect(list.isFresh(before, 'r')).toBe(true)
  const release = claims.take(before, holder)
  list.began(before.identity, { id: 'j', tenantId: 't', runId: 'r' })
  for (const _ of ['a reset', 'and one more']) {
    plug()
    plug(after)
    expect([list.isFree(after), list.isFresh(after, 'r')]).toEqual([false, false])
    expect(() => claims.take(after, holder)).toThrow(expect.objectContaining({ code: 'port_busy' }))
  }
  release()
  expect([list.isFree(after), list.isFresh(after, 'r')]).toEqual([true, false])
})

test('a board that is moved to another jig, whose adapter stays, is the same board', () => {
  const [a, b] = [port('/dev/ttyUSB0', 'jig a'), port('/dev/ttyUSB1', 'jig b')]
  const { list, claims } = bench(a, b)
  const mac = '24:6f:28:00:00:01'
  const release = claims.take(a, holder)
  list.identified(a.path, mac)
  expect(() => list.identified(b.path, mac)).toThrow(expect.objectContaining({ code: 'mac_twice' }))
  release()
  list.identified(b.path, mac)
  const again = claims.take(b, holder)
  expect(() => list.identified(a.path, mac)).toThrow(expect.objectContaining({ code: 'mac_twice' }))
  again()
})
