import cookie from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Actor, localSiteAdmin, type SessionCarrier } from '#features/access/index.ts'

/** `__Host-`: this host only, whole path, HTTPS (or loopback, which browsers trust as much). */
export const SESSION_COOKIE = '__Host-millwright'

export type ResolveToken = (token: string | null) => Promise<Actor>

/** A browser's session, in its cookie. `guest` is who comes without one: nobody, or the demo's visitor. */
export function cookieSession(
  request: FastifyRequest,
  reply: FastifyReply,
  resolve: ResolveToken,
  guest: Actor,
): SessionCarrier {
  const options = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const
  const token = () => request.cookies[SESSION_COOKIE] ?? null
  return {
    token,
    resolve: () => orGuest(resolve, token(), guest),
    set: (value, expiresAt) =>
      void reply.setCookie(SESSION_COOKIE, value, { ...options, expires: new Date(expiresAt) }),
    clear: () => void reply.clearCookie(SESSION_COOKIE, options),
  }
}

/** The session that a WebSocket was opened with; it cannot set cookies, so signing in goes over HTTP. */
export function upgradeSession(
  cookieHeader: string | undefined,
  resolve: ResolveToken,
  guest: Actor,
): SessionCarrier {
  const token = cookie.parse(cookieHeader ?? '')[SESSION_COOKIE] ?? null
  return {
    token: () => token,
    resolve: () => orGuest(resolve, token, guest),
    set: () => undefined,
    clear: () => undefined,
  }
}

/** Keeps the token of a desktop window's session outside the engine, so that it outlives a port. */
export interface TokenKeeper {
  token: string | null
  tokenChanged(token: string | null): void
}

/** A desktop window's session: the shell keeps its token in memory, as a browser keeps its cookie. */
export function portSession(resolve: ResolveToken, keeper: TokenKeeper): SessionCarrier {
  let { token } = keeper
  const change = (value: string | null) => {
    token = value
    keeper.tokenChanged(value)
  }
  return {
    token: () => token,
    resolve: () => resolve(token),
    set: (value) => change(value),
    clear: () => change(null),
  }
}

/** Whoever can open the socket in the data folder owns it. */
export const localSession: SessionCarrier = {
  token: () => null,
  resolve: async () => localSiteAdmin,
  set: () => undefined,
  clear: () => undefined,
}

async function orGuest(resolve: ResolveToken, token: string | null, guest: Actor): Promise<Actor> {
  const actor = await resolve(token)
  return actor.kind === 'anonymous' ? guest : actor
}
