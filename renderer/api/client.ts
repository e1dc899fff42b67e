import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '#contract/contract.ts'
import type { CallContext, Connection, Link } from './connection.ts'
import { callHeaders } from './headers.ts'
import { noteRefusal } from './live.ts'
import { PortConnection } from './port-connection.ts'
import { queryClient } from './query-client.ts'
import { readError } from './read-error.ts'
import { SocketConnection } from './socket-connection.ts'

export { useErrorText } from './error-text.ts'
export { useLinkState } from './link-state.ts'
export { liveQuery, useLive, useLiveEffect } from './live.ts'
export { queryClient } from './query-client.ts'
export { readError } from './read-error.ts'

export type Api = ContractRouterClient<Contract, CallContext>

/** What the desktop shell offers; undefined in a browser. */
export const shell = globalThis.millwright

const overHttp: Link = new RPCLink<CallContext>({
  url: `${globalThis.location?.origin}/rpc`,
  headers: callHeaders,
})

/**
 * In a browser these travel over plain HTTP: they set cookies, or come before there is a session to open a socket
 * with, or carry a header that proxies and logs should see.
 */
function travelsOverHttp(path: readonly string[], context: CallContext): boolean {
  const setsCookies =
    path[0] === 'setup' || path[0] === 'auth' || path[0] === 'signOn' || path[0] === 'account'
  const isBeforeSession = path[0] === 'users' && (path[1] === 'invitation' || path[1] === 'accept')
  return setsCookies || isBeforeSession || context.idempotencyKey !== undefined
}

/** The channel for everything else. It starts with its first use; sign-in restarts it and sign-out stops it. */
export const connection: Connection =
  shell === undefined
    ? new SocketConnection({
        url: `${globalThis.location?.origin.replace(/^http/, 'ws')}/rpc/socket`,
        probe: (link) => link.call(['site', 'status'], undefined, { context: {} }),
        onRefused: () => void queryClient.invalidateQueries({ queryKey: ['auth', 'me'] }),
      })
    : new PortConnection(shell)

const link: Link = {
  async call(path, input, options) {
    const way =
      shell === undefined && travelsOverHttp(path, options.context)
        ? overHttp
        : await connection.link(options.signal)
    try {
      return await way.call(path, input, options)
    } catch (error) {
      const { code } = readError(error)
      if (code === 'not_signed_in') sessionEnded()
      else noteRefusal(code)
      throw error
    }
  },
}

/** Every procedure of the contract: `api.gateways.show({ gateway })`. */
export const api: Api = createORPCClient<Api>(link)

const sessionListeners = new Set<() => void>()

/** Told when the site says that nobody is signed in any more. */
export function onSessionEnded(listener: () => void): () => void {
  sessionListeners.add(listener)
  return () => sessionListeners.delete(listener)
}

function sessionEnded(): void {
  for (const listener of sessionListeners) listener()
}
