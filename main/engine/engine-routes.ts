import type { FastifyInstance } from 'fastify'
import type { Pki } from '#features/pki/index.ts'
import { describeApi } from '#http/api.ts'
import { addDocsRoutes } from '#http/docs-routes.ts'
import { addHealthRoutes } from '#http/health-routes.ts'
import { createMetrics } from '#http/metrics.ts'
import { addPublicRoutes } from '#http/public-routes.ts'
import { addRemoteReadRoute } from '#http/remote-read-route.ts'
import { contextOf, type Listener, type UiAppDependencies } from '#http/ui-app.ts'
import type { EngineCore } from './engine-core.ts'
import { addFileRoutes } from './file-routes.ts'
import { remoteReadSource } from './remote-read-source.ts'
import type { SiteServices } from './site-services.ts'

export interface EngineRoutes {
  core: EngineCore
  ui: UiAppDependencies
  metricsToken: string | null
  isReady(): boolean
  /** @throws ExpectedError `setup_required` */
  services(): SiteServices
  publicFiles(): Pki | null
}

/** What HTTP serves beside the contract: files for everyone, the API's description, health, metrics, readings as files. */
export function addEngineRoutes(app: FastifyInstance, listener: Listener, routes: EngineRoutes): void {
  const { core, ui, isReady, services } = routes
  addPublicRoutes(app, routes.publicFiles)
  addDocsRoutes(app, () => describeApi(core.version))
  addHealthRoutes(app, {
    ready: () => ({
      set_up: core.site.isSetUp(),
      engine: isReady(),
      store: isReady() && services().vitals.stall() === null,
    }),
    metrics: createMetrics(() => readMetrics(services())),
    metricsToken: routes.metricsToken,
  })
  addRemoteReadRoute(app, {
    contextOf: (request, reply) => contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    metricsToken: routes.metricsToken,
    source: (scope) => remoteReadSource(scope, { core, services: services() }),
  })
  addFileRoutes(app, {
    contextOf: (request, reply) => contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    transfers: () => services().transfers,
  })
}

async function readMetrics({ vitals, broker, historian }: SiteServices) {
  const { gateways, online } = vitals.pulse({ all: true })
  const [mqtt, store] = await Promise.all([broker.stats(), historian.stats()])
  return {
    gateways,
    online,
    readings: store.lastSeq,
    dropped: mqtt.readingsDropped,
    refusals: mqtt.refusals,
    connections: mqtt.connections,
    pendingReadings: mqtt.pendingReadings,
    hotRows: store.hotRows,
    storeBytes: store.fileBytes,
    commitP99: store.commitP99,
  }
}
