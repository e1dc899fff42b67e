import { connect, type Socket } from 'node:net'
import { enterLocal } from './handshake.ts'
import { readLocalToken } from './local-token.ts'

/** How `run.json` names the way in: a Unix socket that only its owner can open, or a pipe with a token's file. */
export interface LocalDoor {
  path: string
  tokenFile?: string | null
}

/** A stream to the engine of this machine, ready for HTTP. Rejects where nothing answers or it is another program. */
export async function connectLocal({ path, tokenFile = null }: LocalDoor): Promise<Socket> {
  const token = tokenFile === null ? null : await readLocalToken(tokenFile)
  const socket = connect(path)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  if (token !== null) {
    await enterLocal(socket, token)
    // HTTP reads what flows and starts nothing itself; the server is silent until it is asked.
    socket.resume()
  }
  return socket
}
