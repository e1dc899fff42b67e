import type { FastifyInstance } from 'fastify'
import type { TenantScope } from '#features/access/index.ts'
import type { Pki } from '#features/pki/index.ts'
import { exportCsv, readRange } from '#features/telemetry/index.ts'
import { describeApi } from '#http/api.ts'
import { addDocsRoutes } from '#http/docs-routes.ts'
import { addExportRoute, type ExportQuery } from '#http/export-route.ts'
import { addHealthRoutes } from '#http/health-routes.ts'
import { createMetrics } from '#http/metrics.ts'
import { addPublicRoutes } from '#http/public-routes.ts'
import { contextOf, type Listener, type UiAppDependencies } from '#http/ui-app.ts'
import type { EngineCore } from './engine-core.ts'
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

/** What HTTP serves beside the contract: files for everyone, the API's description, health, metrics, the CSV export. */
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
  addExportRoute(app, {
    contextOf: (request, reply) => contextOf(listener, request, reply, ui),
    isSetUp: () => core.site.isSetUp(),
    audit: core.audit,
    open: (scope, query, signal) => openExport(services(), core.clock.now(), { scope, query, signal }),
  })
}

async function openExport(
  { telemetry, historian }: SiteServices,
  now: number,
  { scope, query, signal }: { scope: TenantScope; query: ExportQuery; signal: AbortSignal },
): Promise<AsyncIterable<string>> {
  const range = readRange({ from: asInstant(query.from), to: asInstant(query.to) }, now)
  const channels =
    query.channel === undefined
      ? await telemetry.channels(scope, query)
      : [await telemetry.channelOf(scope, query)]
  const named = channels.map((channel) => ({ channel, gatewayCode: telemetry.view(channel).gatewayCode }))
  return exportCsv(historian, named, { ...range, raw: query.raw === 'true' }, signal)
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

/** A query string has no numbers: digits alone are ms. */
function asInstant(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text
}
