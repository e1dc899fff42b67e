import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { requireReach } from '#features/access/index.ts'
import { type AuditedRoutes, attachment, runRoute } from './route-audit.ts'

export interface DeadLettersRoute extends AuditedRoutes {
  /** The file, piece by piece. */
  csv(): AsyncIterable<string>
}

/** `GET /api/v1/cloud/dead-letters.csv`: all that the cloud, or the site, refused. */
export function addDeadLettersRoute(app: FastifyInstance, route: DeadLettersRoute): void {
  app.get('/api/v1/cloud/dead-letters.csv', (request, reply) => {
    const access = { action: 'cloud.exportDeadLetters', permission: 'cloud:write' as const }
    return runRoute(route, { request, reply }, access, async (actor, audit) => {
      requireReach('site', actor)
      audit.about('cloud', 'dead letters', null)
      await route.audit.record(audit, 'done')
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', attachment('dead-letters.csv'))
        .header('cache-control', 'private, no-store')
        .send(Readable.from(route.csv()))
    })
  })
}
