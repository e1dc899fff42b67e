import { createServer, type Server, type Socket } from 'node:net'
import { type Admission, addressOf } from './admission.ts'
import { listen } from './listen.ts'

const LOOPBACK = '127.0.0.1'

/**
 * MQTT without TLS, on loopback only, for the test that traces system calls: in plain text a PUBACK can be told from other
 * writes. The engine never opens it: only `createBroker`'s `plainPortForTests` does. Its clients are known by their
 * client id alone, which is the gateway's wire name.
 */
export class PlainListener {
  private readonly admission: Admission
  private readonly onConnection: (socket: Socket, address: string) => void
  private server: Server | null = null

  constructor(admission: Admission, onConnection: (socket: Socket, address: string) => void) {
    this.admission = admission
    this.onConnection = onConnection
  }

  async start(port: number): Promise<{ address: string; port: number }> {
    this.server = createServer({ noDelay: true }, (socket) => {
      if (this.admission.admit(socket)) this.onConnection(socket, addressOf(socket))
    })
    const on = { address: LOOPBACK, port, ipv6Only: false, flag: 'plainPortForTests' }
    return { address: LOOPBACK, port: await listen(this.server, on) }
  }

  stopAccepting(): void {
    this.server?.close()
  }
}
