import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '#platform/limits/network-of.ts'

/** Open connections of one network: a plant's boxes may stand behind one router. */
const MOST_OF_NETWORK = 500
/** Of a request with its body, ms: what boxes send is small. */
const REQUEST_TIMEOUT = 20_000
const HEADERS_TIMEOUT = 10_000
/** A box polls every 30 s: nothing is gained by keeping its connection, ms. */
const IDLE_TIMEOUT = 5_000

/** Bounds for a listener where nobody signs in: one machine can neither hold all of its connections nor hold one for long. */
export function boundStrangers(server: Server, mostOfNetwork = MOST_OF_NETWORK): void {
  server.requestTimeout = REQUEST_TIMEOUT
  server.headersTimeout = HEADERS_TIMEOUT
  server.keepAliveTimeout = IDLE_TIMEOUT
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const network = networkOf(socket.remoteAddress ?? '')
    const count = (open.get(network) ?? 0) + 1
    open.set(network, count)
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1
      if (left === 0) open.delete(network)
      else open.set(network, left)
    })
    if (count > mostOfNetwork) socket.destroy()
  })
}
