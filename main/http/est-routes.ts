import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { BoxRequest } from '#features/enrollment/index.ts'
import type { BasicLogin, ShownCertificate } from '#features/est/index.ts'
import { type BoxRoutes, runBoxRoute } from './box-route.ts'
import { originOf } from './box-said.ts'
import { shownCertificate } from './peer-certificate.ts'

export interface EstRoutes extends BoxRoutes {
  /** ms */
  now(): number
  authorities(): Promise<Buffer>
  attributes(): Buffer
  enroll(login: BasicLogin | null, csr: string, audit: AuditDraft): Promise<Buffer>
  renew(shown: ShownCertificate, csr: string, audit: AuditDraft): Promise<Buffer>
  /** Null: it waits until somebody claims it. */
  ask(csr: string, from: BoxRequest): Promise<Buffer | null>
}

export const EST_PREFIX = '/.well-known/est'
/** Twice what a request may be, in base64. */
const BODY_MOST = 48 * 1024
/** Seconds. */
const ASK_AGAIN = 30
const CERTS_ONLY = 'application/pkcs7-mime; smime-type=certs-only'

/**
 * Enrollment over Secure Transport, RFC 7030, for boxes with a standard client: `cacerts`, `csrattrs`, `simpleenroll` with a
 * one-time password, `simplereenroll` with the certificate that is to be renewed. Failures are answered as text (4.2.3).
 */
export function addEstRoutes(app: FastifyInstance, routes: EstRoutes): void {
  app.register(async (est) => {
    est.removeAllContentTypeParsers()
    est.addContentTypeParser(
      'application/pkcs10',
      { parseAs: 'string', bodyLimit: BODY_MOST },
      (_request, body, done) => done(null, body),
    )
    est.setErrorHandler<FastifyError>((error, request, reply) => sendFailure(app, error, { request, reply }))
    const post = (
      path: string,
      action: string,
      run: (request: FastifyRequest, audit: AuditDraft) => Promise<Buffer>,
    ) =>
      est.post(`${EST_PREFIX}/${path}`, { bodyLimit: BODY_MOST }, async (request, reply) =>
        send(
          reply,
          CERTS_ONLY,
          await runBoxRoute(routes, request, { action }, (audit) => run(request, audit)),
        ),
      )

    // A label (RFC 7030 3.2.2) for boxes that know no password: they wait until somebody claims them.
    est.post(`${EST_PREFIX}/claim/simpleenroll`, { bodyLimit: BODY_MOST }, (request, reply) =>
      runBoxRoute(routes, request, { action: 'gateway.csr' }, async () => {
        const certificate = await routes.ask(textOf(request.body), originOf(request))
        if (certificate) return send(reply, CERTS_ONLY, certificate)
        return reply
          .status(202)
          .header('retry-after', ASK_AGAIN)
          .type('text/plain')
          .send('Claim this box first.\n')
      }),
    )
    est.get(`${EST_PREFIX}/cacerts`, async (request, reply) => {
      const read = { action: 'est.cacerts', isRead: true }
      return send(reply, CERTS_ONLY, await runBoxRoute(routes, request, read, () => routes.authorities()))
    })
    est.get(`${EST_PREFIX}/csrattrs`, async (request, reply) => {
      const read = { action: 'est.csrattrs', isRead: true }
      const attributes = await runBoxRoute(routes, request, read, async () => routes.attributes())
      return send(reply, 'application/csrattrs', attributes)
    })
    post('simpleenroll', 'est.enroll', (request, audit) =>
      routes.enroll(basicOf(request.headers.authorization), textOf(request.body), audit),
    )
    post('simplereenroll', 'est.renew', (request, audit) =>
      routes.renew(shownCertificate(request.raw.socket, routes.now()), textOf(request.body), audit),
    )
  })
}

/** Base64 with line ends, as MIME has it (RFC 2045 6.8) and `openssl base64 -d` wants it. */
function send(reply: FastifyReply, type: string, der: Buffer) {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return reply
    .header('content-type', type)
    .header('content-transfer-encoding', 'base64')
    .header('cache-control', 'no-store')
    .send(`${lines.join('\r\n')}\r\n`)
}

/** What is not here is answered by the listener's own handler. */
function sendFailure(
  app: FastifyInstance,
  error: FastifyError,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
) {
  const known = error instanceof ExpectedError ? error : expectedOf(error)
  if (known === null) return app.errorHandler(error, request, reply)
  // RFC 7030 3.2.3: Basic over the TLS that is there already.
  if (known.code === 'est_password_refused')
    reply.header('www-authenticate', 'Basic realm="EST", charset="UTF-8"')
  const { seconds } = known.data
  if (typeof seconds === 'number') reply.header('retry-after', seconds)
  return reply
    .status(known.status)
    .type('text/plain; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(`${known.message}\n`)
}

function expectedOf({ code, statusCode = 500 }: FastifyError): ExpectedError | null {
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ExpectedError('body_too_large', { limit: BODY_MOST })
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new ExpectedError('csr_refused', {
      reason: 'malformed',
      cause: 'send it as application/pkcs10, in base64',
    })
  if (statusCode < 500)
    return new ExpectedError('csr_refused', { reason: 'malformed', cause: 'it did not come whole' })
  return null
}

/** RFC 7617 2: base64 of `user:password`. */
function basicOf(header: string | undefined): BasicLogin | null {
  const [, token] = /^Basic +([A-Za-z0-9+/]{1,400}={0,2})$/i.exec(header ?? '') ?? []
  if (token === undefined) return null
  const text = Buffer.from(token, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : ''
}
