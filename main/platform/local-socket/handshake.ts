import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'

/**
 * Proof of a shared 256-bit token over a local stream, both ways, before anything else is said on it. A Windows pipe
 * has no owner-only mode that Node can set, and its name can be taken first: the server must know that its caller
 * could read the token's file, and the caller that it speaks to the site that wrote it.
 *
 *     server -> client   "millwright-local 1 <server nonce>\n"
 *     client -> server   "<client nonce> <HMAC-SHA-256(token, "client <server nonce> <client nonce>")>\n"
 *     server -> client   "<HMAC-SHA-256(token, "server <server nonce> <client nonce>")>\n"
 *
 * Nonces (256 bits) and proofs are lower-case hex. The roles stand in what is signed, so that a proof cannot be sent
 * back to whoever made it. Afterwards the stream carries HTTP. Nothing in here is of Windows: it is tested over Unix
 * sockets, and has not been run on Windows itself.
 */
const GREETING = 'millwright-local 1'
/** The longest line is greeting, space and nonce; or nonce, space and proof. */
const LONGEST_LINE = 160
const HEX_256 = /^[0-9a-f]{64}$/

/** ms that either side waits for the other's next line. */
export const HANDSHAKE_PATIENCE = 5_000

/** The server's half. Rejects, with the stream destroyed, when the other end does not know the token. */
export async function admitLocal(socket: Socket, token: Uint8Array): Promise<void> {
  await guarded(socket, async () => {
    const serverNonce = newNonce()
    socket.write(`${GREETING} ${serverNonce}\n`)
    const [clientNonce = '', given = ''] = (await readLine(socket)).split(' ')
    if (!HEX_256.test(clientNonce)) throw new Error('not a handshake')
    if (!isProof(given, proof(token, 'client', serverNonce, clientNonce))) throw new Error('wrong token')
    socket.write(`${proof(token, 'server', serverNonce, clientNonce)}\n`)
  })
}

/** The client's half. Rejects, with the stream destroyed, when the other end does not know the token. */
export async function enterLocal(socket: Socket, token: Uint8Array): Promise<void> {
  await guarded(socket, async () => {
    const line = await readLine(socket)
    const serverNonce = line.slice(GREETING.length + 1)
    if (!line.startsWith(`${GREETING} `) || !HEX_256.test(serverNonce)) throw new Error('not a handshake')
    const clientNonce = newNonce()
    socket.write(`${clientNonce} ${proof(token, 'client', serverNonce, clientNonce)}\n`)
    const given = await readLine(socket)
    if (!isProof(given, proof(token, 'server', serverNonce, clientNonce))) throw new Error('wrong token')
  })
}

async function guarded(socket: Socket, exchange: () => Promise<void>): Promise<void> {
  // Whoever takes the stream over listens for its errors; until then one must not end the process.
  const ignore = () => undefined
  socket.on('error', ignore)
  try {
    await exchange()
  } catch (error) {
    socket.destroy()
    throw error
  }
  socket.off('error', ignore)
}

function newNonce(): string {
  return randomBytes(32).toString('hex')
}

function proof(
  token: Uint8Array,
  role: 'client' | 'server',
  serverNonce: string,
  clientNonce: string,
): string {
  return createHmac('sha256', token).update(`${role} ${serverNonce} ${clientNonce}`).digest('hex')
}

function isProof(given: string, wanted: string): boolean {
  return HEX_256.test(given) && timingSafeEqual(Buffer.from(given), Buffer.from(wanted))
}

/** One line without its end; what follows it stays in the stream, which is paused. */
function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let gathered = Buffer.alloc(0)
    const settle = (done: () => void) => {
      clearTimeout(timer)
      socket.off('data', onData)
      socket.off('close', onClose)
      socket.pause()
      done()
    }
    const onData = (chunk: Buffer) => {
      gathered = Buffer.concat([gathered, chunk])
      const end = gathered.indexOf(0x0a)
      if (end < 0 && gathered.length <= LONGEST_LINE) return
      if (end < 0 || end > LONGEST_LINE) return settle(() => reject(new Error('not a handshake')))
      settle(() => {
        if (end + 1 < gathered.length) socket.unshift(gathered.subarray(end + 1))
        resolve(gathered.toString('latin1', 0, end))
      })
    }
    const onClose = () => settle(() => reject(new Error('the other end closed')))
    const timer = setTimeout(
      () => settle(() => reject(new Error('the other end is silent'))),
      HANDSHAKE_PATIENCE,
    )
    if (socket.destroyed) return onClose()
    socket.on('data', onData)
    socket.once('close', onClose)
    socket.resume()
  })
}
