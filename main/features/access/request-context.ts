import type { Actor } from './actor.ts'

/** What a transport knows of a call. The session behind it is looked up for every call, not once a connection. */
export interface RequestContext {
  request: {
    id: string
    address: string
    userAgent: string
    transport: 'http' | 'websocket' | 'port' | 'local'
    /** The path of an HTTP request, without its query. */
    path?: string
    idempotencyKey: string | null
    /** On the desktop's own window and the local socket no one-time code is needed to set up. */
    trustedLocal: boolean
  }
  session: SessionCarrier
}

/** Where a transport keeps the session's token: a cookie, or the memory of one port. */
export interface SessionCarrier {
  resolve(): Promise<Actor>
  token(): string | null
  set(token: string, expiresAt: number): void
  clear(): void
}
