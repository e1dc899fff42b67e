import type { IncomingMessage, Server } from 'node:http'

/** ms */
const LOOKED_EVERY = 60_000
/** Of a body on its way at least so many bytes come between two looks: 1 KiB/s. */
const LEAST = 60 * 1024

/**
 * Lets a body take as long as it comes: a file of gigabytes takes more than Node's five minutes of a request. One that
 * stops coming, or trickles, ends with its connection. The time for headers stays as it is.
 */
export function cutSlowBodies(
  server: Server,
  { every = LOOKED_EVERY, least = LEAST }: { every?: number; least?: number } = {},
): void {
  server.requestTimeout = 0
  server.on('request', (request: IncomingMessage) => {
    const { socket, headers } = request
    // RFC 9112 6.3: without either there is no body.
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
    let before = socket.bytesRead
    const timer = setInterval(() => {
      if (request.complete) return clearInterval(timer)
      if (socket.bytesRead - before < least) socket.destroy()
      before = socket.bytesRead
    }, every)
    timer.unref()
    request.once('close', () => clearInterval(timer))
  })
}
