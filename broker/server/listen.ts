import type { Server } from 'node:net'
import { ExpectedError } from '#contract/errors.ts'

/** Connections that the kernel keeps until we accept them: a reconnect storm comes at once. */
const BACKLOG = 4_096

export interface ListenOn {
  address: string
  /** 0: a free one. */
  port: number
  ipv6Only: boolean
  /** What a person sets the port with. */
  flag: string
}

/**
 * Listens on one address. Returns the port.
 *
 * @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden`
 */
export async function listen(server: Server, on: ListenOn): Promise<number> {
  const { address, port, ipv6Only } = on
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, on)))
    server.listen({ host: address, port, ipv6Only, backlog: BACKLOG }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
  const bound = server.address()
  return typeof bound === 'object' && bound ? bound.port : port
}

function listenError(error: NodeJS.ErrnoException, { address, port, flag }: ListenOn): Error {
  const data = { address, port, flag }
  switch (error.code) {
    case 'EADDRINUSE':
      return new ExpectedError('port_in_use', data, { cause: error })
    case 'EACCES':
      return new ExpectedError('port_forbidden', data, { cause: error })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'EAFNOSUPPORT':
      return new ExpectedError('address_unavailable', { address, flag: '--address' }, { cause: error })
    default:
      return error
  }
}
