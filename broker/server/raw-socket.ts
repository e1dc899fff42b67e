import type { Socket } from 'node:net'

/** The TCP socket under a TLS socket of a server. */
export function rawSocket(socket: Socket): Socket {
  return (socket as Socket & { _parent?: Socket })._parent ?? socket
}
