import type { FastifyInstance } from 'fastify'
import { addBootstrapRoutes } from '#http/bootstrap-routes.ts'
import { addSlotsBoxRoutes } from '#http/slots-routes.ts'
import { addTdsBoxRoutes, addTdsCertificateRoute } from '#http/tds-routes.ts'
import type { Listener } from '#http/ui-app.ts'
import type { EngineRoutes } from './engine-routes.ts'
import { tdsPeople } from './reference-routes.ts'
import { browserAddress } from './user-services.ts'

/** Where boxes knock and fetch, on the listener for them and on loopback: our own way, and those of reference systems. */
export function addZeroTouchRoutes(app: FastifyInstance, listener: Listener, routes: EngineRoutes): void {
  const { core, services } = routes
  const knocking = () => services().enrolling.knocking
  const door = {
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    take: (address: string) => knocking().book.take(address),
  }
  addBootstrapRoutes(app, {
    ...door,
    book: () => knocking().book,
    bootstrap: () => knocking().bootstrap,
    now: () => core.clock.now(),
  })
  const boxes = () => knocking().references
  addSlotsBoxRoutes(app, { ...door, boxes })
  const box = { ...door, boxes, origins: () => originsOf(core.site) }
  addTdsBoxRoutes(app, box)
  addTdsCertificateRoute(app, { box, people: listener === 'devices' ? null : tdsPeople(listener, routes) })
}

function originsOf(site: EngineRoutes['core']['site']): { ui: string; devices: string } {
  const ui = browserAddress(site)
  const devices = new URL(ui)
  devices.port = String(site.network().ports.deviceHttps)
  return { ui, devices: devices.origin }
}
