import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import { anonymous, auditActor } from '#features/access/index.ts'
import { AuditDraft } from '#features/audit/index.ts'
import type { SignOnService } from '#features/sign-on/index.ts'
import type { AuditedRoutes } from './route-audit.ts'
import type { Listener } from './ui-app.ts'

/** Lives while the browser is at the provider; `Lax`, for it comes back from another site. */
const COOKIE = '__Host-millwright-sign-on'
const cookieOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const

export interface SignOnRoutes extends AuditedRoutes {
  listener: Listener
  /** @throws ExpectedError `setup_required` */
  signOn(): SignOnService
}

/**
 * `GET /api/v1/auth/sign-on/{provider}/start` sends a browser to a provider, and `…/callback` is where it comes back.
 * Both are pages that a person opens: what fails lands on the sign-in page, as a code.
 */
export function addSignOnRoutes(app: FastifyInstance, routes: SignOnRoutes): void {
  const path = '/api/v1/auth/sign-on/:provider'
  app.get<{ Params: { provider: string } }>(`${path}/start`, (request, reply) =>
    landing(reply, async () => {
      const { request: from } = routes.contextOf(request, reply)
      const started = await routes.signOn().start(request.params.provider, {
        origin: originOf(request, routes.listener),
        to: localPath(queryOf(request).get('to')),
        from,
      })
      reply.setCookie(COOKIE, started.binding, { ...cookieOptions, expires: new Date(started.expiresAt) })
      return reply.redirect(started.location, 303)
    }),
  )
  app.get<{ Params: { provider: string } }>(`${path}/callback`, (request, reply) =>
    landing(reply, async () => {
      const { request: from, session } = routes.contextOf(request, reply)
      const audit = new AuditDraft({
        actor: auditActor(anonymous),
        action: 'auth.sign_on',
        address: from.address,
        requestId: from.id,
        path: from.path ?? null,
      })
      const binding = request.cookies[COOKIE] ?? ''
      reply.clearCookie(COOKIE, cookieOptions)
      try {
        const arrived = { query: queryOf(request), binding, from }
        const { signedIn, to } = await routes.signOn().finish(request.params.provider, arrived, audit)
        session.set(signedIn.token, signedIn.expiresAt)
        return reply.type('text/html; charset=utf-8').send(onwards(to))
      } catch (error) {
        if (error instanceof ExpectedError && routes.isSetUp())
          await routes.audit.recordFailure(audit, 'refused', error.code)
        throw error
      }
    }),
  )
}

async function landing(reply: FastifyReply, open: () => Promise<FastifyReply>): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
  try {
    return await open()
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    const { code, data } = error
    const query = new URLSearchParams({ error: code })
    if (typeof data['seconds'] === 'number') query.set('seconds', String(data['seconds']))
    return reply.redirect(`/login?${query}`, 303)
  }
}

/**
 * A page of our own that goes on by itself. A redirect from here would still belong to the navigation that the provider
 * began, and the browser would not send the `SameSite=Strict` cookie with it; what this page asks for is same-site.
 */
function onwards(to: string): string {
  const target = to.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')
  return `<!doctype html>
<html>
<head><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${target}"><title>Millwright</title></head>
<body><a href="${target}">Millwright</a></body>
</html>
`
}

/** This site as the browser called it; the host was checked against the site's names. */
function originOf(request: FastifyRequest, listener: Listener): string {
  return `${listener === 'lan' ? 'https' : 'http'}://${request.headers.host ?? ''}`
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return new URL(request.url, 'http://localhost').searchParams
}

/** Only a path of this site: a crafted link must not lead elsewhere after the sign-in. */
function localPath(to: string | null): string {
  if (to === null || to.length > 1_000 || !/^\/(?![/\\])/.test(to) || !URL.canParse(to, 'http://localhost'))
    return '/'
  const { origin, pathname, search, hash } = new URL(to, 'http://localhost')
  // Tabs and line breaks, which the parser drops, could make another host of it.
  return origin === 'http://localhost' && !pathname.startsWith('//') ? pathname + search + hash : '/'
}
