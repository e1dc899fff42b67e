import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import { hasBearer } from './bearer-token.ts'

export interface Health {
  /** Each part and whether it works; the site is ready when all do. */
  ready(): Record<string, boolean>
  /** Prometheus text format 0.0.4. */
  metrics(): Promise<string>
  metricsToken: string | null
}

export function addHealthRoutes(app: FastifyInstance, health: Health): void {
  app.get('/health/live', () => ({ live: true }))
  app.get('/health/ready', (_request, reply) => {
    const parts = health.ready()
    const isReady = Object.values(parts).every(Boolean)
    return reply.status(isReady ? 200 : 503).send({ ready: isReady, parts })
  })
  app.get('/metrics', async (request, reply) => {
    if (!mayRead(request, health.metricsToken)) throw new ExpectedError('not_signed_in')
    return reply.type('text/plain; version=0.0.4').send(await health.metrics())
  })
}

/** From this machine, or with the token as `Authorization: Bearer`. */
function mayRead(request: FastifyRequest, token: string | null): boolean {
  const address = request.socket.remoteAddress
  if (address === undefined || /^(127\.|::1$|::ffff:127\.)/.test(address)) return true
  return hasBearer(request, token)
}
