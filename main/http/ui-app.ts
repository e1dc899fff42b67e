import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type ErrorCode, ExpectedError } from '#contract/errors.ts'
import { type Actor, anonymous, type CallLimits, type RequestContext } from '#features/access/index.ts'
import type { Log } from '#platform/log/log.ts'
import { type Api, REST_PREFIX, RPC_PREFIX } from './api.ts'
import { bearerOf, bearerSession, type ResolveBearer } from './bearer.ts'
import { BODY_LIMIT, errorHandler, sendError } from './errors.ts'
import type { RefusedRequest } from './route-audit.ts'
import { checkHost, checkOrigin, type SiteNames } from './same-site.ts'
import { cookieSession, localSession, type ResolveToken } from './session-carriers.ts'

export interface UiAppDependencies {
  log: Log
  /** Null while the site is not set up and only setting up is served. */
  api(): Api
  isSetUp(): boolean
  resolveToken: ResolveToken
  resolveBearer: ResolveBearer
  calls: CallLimits
  siteNames(): SiteNames
  /** Folder of the built UI. */
  uiDir: string
  demo: boolean
  /** Somebody was sent away; for the audit. */
  refused(what: RefusedRequest, code: ErrorCode): void
  addRoutes(app: FastifyInstance, listener: Listener): void
}

/**
 * `lan`: HTTPS on the chosen addresses. `loopback`: plain HTTP for this machine. `socket`: the data folder's own.
 * `devices`: HTTPS for gateways, without UI and API.
 */
export type Listener = 'lan' | 'loopback' | 'socket' | 'devices'

/** One Fastify app a listener: UI, REST and RPC, with the rules that the listener's callers need. */
export async function createUiApp(
  listener: Listener,
  server: Server,
  dependencies: UiAppDependencies,
): Promise<FastifyInstance> {
  const app = Fastify({
    serverFactory: (handler) => server.on('request', handler),
    bodyLimit: BODY_LIMIT,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: true,
  })
  app.setErrorHandler(
    errorHandler(dependencies.log, (request, code) => {
      const address = listener === 'socket' ? 'local' : request.ip
      dependencies.refused({ request, id: request.id, address, path: pathOf(request) }, code)
    }),
  )
  const hasUi = (listener === 'lan' || listener === 'loopback') && existsSync(dependencies.uiDir)
  app.setNotFoundHandler((request, reply) =>
    hasUi && isPage(request)
      ? sendPage(request, reply)
      : sendError(reply, new ExpectedError('not_found', { what: 'page', id: request.url.slice(0, 100) })),
  )
  acceptJsonOnly(app)
  await app.register(cookie)
  if (listener === 'lan' || listener === 'loopback') await protectBrowsers(app, dependencies)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    const name = request.headers['x-client-name']
    dependencies.log.debug(
      {
        requestId: request.id,
        method: request.method,
        url: pathOf(request),
        address: request.ip,
        client: name,
      },
      'request',
    )
  })
  dependencies.addRoutes(app, listener)
  if (listener !== 'devices') addApi(app, listener, dependencies)
  if (listener === 'lan' || listener === 'loopback') await addUi(app, dependencies.uiDir)
  return app
}

function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined)
    try {
      done(null, JSON.parse(body as string))
    } catch (error) {
      done(new ExpectedError('json_invalid', { cause: (error as Error).message }))
    }
  })
}

/** The camera reads QR codes of boxes; of the rest that pages could ask for the UI needs nothing. */
const permissionsPolicy = [
  'camera=(self)',
  ...['microphone', 'geolocation', 'usb', 'serial', 'bluetooth', 'hid', 'midi', 'payment'].map(
    (name) => `${name}=()`,
  ),
].join(', ')

async function protectBrowsers(app: FastifyInstance, { siteNames, calls }: UiAppDependencies): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // The component library sets styles on elements; scripts never stand in the page.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // It would bind every port of the host, and the plain loopback port with it.
    hsts: false,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('permissions-policy', permissionsPolicy)
    checkHost(request.headers.host, siteNames())
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD'
    // Nothing that a browser sends by itself counts beside a program's own secret.
    if (isWrite && bearerOf(request.headers) === null) checkOrigin(request)
  })
  await app.register(rateLimit, {
    max: () => calls.limits.addressPerMinute,
    timeWindow: 60_000,
    onExceeded: () => void calls.limited.address++,
    allowList: (request) => !request.url.startsWith('/api') && !request.url.startsWith('/rpc'),
    errorResponseBuilder: (_request, context) =>
      new ExpectedError('too_many_requests', { seconds: Math.ceil(context.ttl / 1000) }),
  })
}

function addApi(app: FastifyInstance, listener: Listener, dependencies: UiAppDependencies): void {
  const handle =
    (kind: 'rpc' | 'rest', prefix: `/${string}`) => async (request: FastifyRequest, reply: FastifyReply) => {
      const context = contextOf(listener, request, reply, dependencies)
      const { matched } = await dependencies.api()[kind].handle(request, reply, { prefix, context })
      if (matched) return reply
      if (!dependencies.isSetUp()) throw new ExpectedError('setup_required')
      throw new ExpectedError('not_found', { what: 'procedure', id: `${request.method} ${pathOf(request)}` })
    }
  app.all(`${RPC_PREFIX}/*`, handle('rpc', RPC_PREFIX))
  app.all(`${REST_PREFIX}/*`, handle('rest', REST_PREFIX))
}

/** Who calls, from where, by a listener's rules. */
export function contextOf(
  listener: Listener,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: UiAppDependencies,
): RequestContext {
  const idempotencyKey = request.headers['idempotency-key']
  const { resolveToken, resolveBearer, demo } = dependencies
  const bearer = bearerOf(request.headers)
  const session =
    bearer === null
      ? cookieSession(request, reply, resolveToken, guestOf(listener, demo))
      : bearerSession(bearer, request.ip, resolveBearer)
  return {
    request: {
      id: request.id,
      address: listener === 'socket' ? 'local' : request.ip,
      userAgent: request.headers['user-agent'] ?? '',
      transport: listener === 'socket' ? 'local' : 'http',
      path: pathOf(request),
      idempotencyKey:
        typeof idempotencyKey === 'string' && idempotencyKey !== '' ? idempotencyKey.slice(0, 200) : null,
      trustedLocal: listener === 'socket',
    },
    session: listener === 'socket' ? localSession : session,
  }
}

/** The demo signs its visitor in, on the loopback listener only. */
export function guestOf(listener: Listener, demo: boolean): Actor {
  return demo && listener === 'loopback' ? { kind: 'local', name: 'Demo visitor' } : anonymous
}

async function addUi(app: FastifyInstance, uiDir: string): Promise<void> {
  if (!existsSync(uiDir)) {
    app.get('/', (_request, reply) =>
      reply.type('text/plain').send('The user interface is not built: run "npm run build".\n'),
    )
    return
  }
  await app.register(fastifyStatic, {
    root: uiDir,
    index: false,
    cacheControl: false,
    setHeaders: cacheAssets,
  })
  app.get('/', sendPage)
}

/** Every address of the UI is the one page, which reads the address itself. */
function sendPage(_request: FastifyRequest, reply: FastifyReply) {
  return reply.header('cache-control', 'no-cache').sendFile('index.html')
}

/** An address that a person opens; not a file that an older page of the UI still asks for. */
function isPage(request: FastifyRequest): boolean {
  return (
    request.method === 'GET' &&
    !/^\/(api|rpc|assets|api-docs)\//.test(request.url) &&
    (request.headers.accept ?? '').includes('text/html')
  )
}

/** Files under assets/ carry a hash of their content in their names. */
function cacheAssets(reply: FastifyReply, path: string): void {
  reply.header(
    'cache-control',
    /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  )
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0]?.slice(0, 200) ?? ''
}
