import type { FastifyInstance } from 'fastify'
import { addCsrRoutes } from '#http/csr-routes.ts'
import { addEstRoutes } from '#http/est-routes.ts'
import { addPublicRoutes } from '#http/public-routes.ts'
import type { EngineRoutes } from './engine-routes.ts'
import { addZeroTouchRoutes } from './zero-touch-routes.ts'

/**
 * What the listener for boxes serves: no pages, no contract, nobody signed in. Each caller proves itself, if at all, by what it
 * sends: a poll secret, a one-time password, a certificate.
 */
export function addDeviceRoutes(app: FastifyInstance, routes: EngineRoutes): void {
  addPublicRoutes(app, routes.publicFiles)
  addZeroTouchRoutes(app, 'devices', routes)
  const { core, services } = routes
  const ownKeys = () => services().enrolling.ownKeys
  const door = {
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    take: (address: string) => services().enrolling.knocking.book.take(address),
    now: () => core.clock.now(),
  }
  addCsrRoutes(app, { ...door, knock: (given) => ownKeys().csrKnocks.knock(given) })
  addEstRoutes(app, {
    ...door,
    authorities: () => ownKeys().est.authorities(),
    attributes: () => ownKeys().est.attributes(),
    enroll: (login, csr, audit) => ownKeys().est.enroll(login, csr, audit),
    renew: (shown, csr, audit) => ownKeys().renewals.renew(shown, csr, audit),
    ask: (csr, from) => ownKeys().est.ask(csr, from),
  })
}
