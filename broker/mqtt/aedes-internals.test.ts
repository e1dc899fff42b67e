import { PassThrough } from 'node:stream'
import { Aedes } from 'aedes'
import { expect, test } from 'vitest'
import type { AedesBroker, AedesClient } from './aedes-internals.ts'

test('aedes still has what we use beyond its published types', async () => {
  const aedes = (await Aedes.createBroker()) as unknown as AedesBroker
  const stream = new PassThrough()
  const client = aedes.handle(stream) as AedesClient
  expect(Object.getPrototypeOf(aedes.clients)).toBeNull()
  expect(aedes.connectedClients).toBe(0)
  expect(aedes.unregisterClient).toBeTypeOf('function')
  expect(aedes.publish).toHaveLength(3)
  expect(aedes.counter).toBeTypeOf('number')
  expect(aedes.mq.emit).toBeTypeOf('function')
  expect(client).toMatchObject({ _disconnected: false, _keepaliveTimer: null, will: null, conn: stream })
  for (const name of ['deliver0', 'deliverQoS'] as const) expect(Object.hasOwn(client, name)).toBe(true)
  expect(client._nextId).toBeGreaterThan(0)
  expect(client.waitForDrain).toBeTypeOf('function')
  expect(Object.getPrototypeOf(client._parser).parse).toBeTypeOf('function')
  expect(Object.hasOwn(client._parser, 'parse')).toBe(false)
  expect(client._parser.client).toBe(client)
  await new Promise<void>((resolve) => aedes.close(resolve))
  stream.destroy()
})
