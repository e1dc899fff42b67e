import type { FastifyInstance } from 'fastify'
import { type LimitedCalls, scopeOf } from '#features/access/index.ts'
import type { Pki } from '#features/pki/index.ts'
import { describeApi } from '#http/api.ts'
import { addBindRoutes } from '#http/bind-routes.ts'
import { addDocsRoutes } from '#http/docs-routes.ts'
import { addEventRoutes } from '#http/event-routes.ts'
import { addHealthRoutes } from '#http/health-routes.ts'
import { createMetrics } from '#http/metrics.ts'
import { addPublicRoutes } from '#http/public-routes.ts'
import { addRemoteReadRoute } from '#http/remote-read-route.ts'
import { addSignOnRoutes } from '#http/sign-on-routes.ts'
import { contextOf, type Listener, type UiAppDependencies } from '#http/ui-app.ts'
import { addBenchFileRoutes } from './bench-routes.ts'
import { addDeviceRoutes } from './device-routes.ts'
import type { EngineCore } from './engine-core.ts'
import { addFileRoutes } from './file-routes.ts'
import { addReferenceRoutes } from './reference-routes.ts'
import { remoteReadSource } from './remote-read-source.ts'
import type { SiteServices } from './site-services.ts'
import { addZeroTouchRoutes } from './zero-touch-routes.ts'

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
  if (listener === 'devices') return addDeviceRoutes(app, routes)
  const { core, ui, isReady, services } = routes
  addPublicRoutes(app, routes.publicFiles)
  addDocsRoutes(app, () => describeApi(core.version))
  addHealthRoutes(app, {
    ready: () => ({
      set_up: core.site.isSetUp(),
      engine: isReady(),
      store: isReady() && services().vitals.stall() === null,
    }),
    metrics: createMetrics(async () => ({ ...(await readMetrics(services())), limited: limitedCalls(core) })),
    metricsToken: routes.metricsToken,
  })
  addRemoteReadRoute(app, {
    contextOf: (request, reply) => contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    calls: core.calls,
    source: (scope) => remoteReadSource(scope, { core, services: services() }),
  })
  const events = () => services().deviceEvents
  addEventRoutes(app, {
    contextOf: (request, reply) => contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    calls: core.calls,
    record: (actor, event, audit) => events().record(actor, event, audit),
    history: (actor, asked, signal) => events().history(actor, asked, signal),
  })
  addFileRoutes(app, {
    contextOf: (request, reply) => contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    calls: core.calls,
    transfers: () => services().transfers,
    batch: () => services().batch,
    firmware: () => services().firmware,
    cloud: () => services().cloud,
  })
  addBenchFileRoutes(app, {
    contextOf: (request, reply) => contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    calls: core.calls,
    clock: core.clock,
    siteName: () => core.site.name() ?? '',
    services,
  })
  addBindRoutes(app, {
    contextOf: (request, reply) => contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    calls: core.calls,
    bind: (actor, code, audit) =>
      services().enrolling.ownKeys.bind.bind({ actor, scope: scopeOf(actor) }, code, audit),
  })
  // Boxes played on this machine; those of the plant have their own listener.
  if (listener === 'loopback') addZeroTouchRoutes(app, listener, routes)
  addReferenceRoutes(app, listener, routes)
  // A provider sends browsers back: to these two, and nowhere else.
  if (listener === 'lan' || listener === 'loopback')
    addSignOnRoutes(app, {
      contextOf: (request, reply) => contextOf(listener, request, reply, ui),
      isSetUp: () => core.site.isSetUp(),
      audit: core.audit,
      calls: core.calls,
      listener,
      signOn: () => services().people.signOn,
    })
}

function limitedCalls({ calls, identity }: EngineCore): LimitedCalls {
  return { ...calls.limited, sign_in: identity.credentials.limited }
}

async function readMetrics({ vitals, broker, historian, cloud }: SiteServices) {
  const { gateways, online } = vitals.pulse({ all: true })
  const [mqtt, store] = await Promise.all([broker.stats(), historian.stats()])
  return {
    gateways,
    online,
    readings: store.lastSeq,
    dropped: mqtt.readingsDropped,
    refusals: mqtt.refusals,
    connections: mqtt.connections,
    messagesLimited: mqtt.limited,
    pendingReadings: mqtt.pendingReadings,
    hotRows: store.hotRows,
    storeBytes: store.fileBytes,
    commitP99: store.commitP99,
    cloud: await cloud.metrics(),
  }
}
