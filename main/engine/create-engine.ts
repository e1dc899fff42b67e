import { existsSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, anonymous, auditActor, createProcedures, localSiteAdmin } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { IdentityService, PasswordHashes } from '#features/identity/index.ts'
import { Pki } from '#features/pki/index.ts'
import { createSiteRouters, reachableAddresses, reachableNames, type SetupAnswers, type SetupResult, SetupService, SiteService } from '#features/site/index.ts'
import { exportCsv, readRange } from '#features/telemetry/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { type Api, createApi, describeApi } from '#http/api.ts'
import { addDocsRoutes } from '#http/docs-routes.ts'
import { addExportRoute, type ExportQuery } from '#http/export-route.ts'
import { addHealthRoutes } from '#http/health-routes.ts'
import { createMetrics } from '#http/metrics.ts'
import { addPublicRoutes } from '#http/public-routes.ts'
import { portSession } from '#http/session-carriers.ts'
import { contextOf, type Listener, type UiAppDependencies } from '#http/ui-app.ts'
import { systemClock } from '#platform/clock/clock.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import type { AppendedReading } from '#platform/historian/historian.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { type DataLock, lockDataDir } from '#platform/lock/data-lock.ts'
import { createLog, type Log } from '#platform/log/log.ts'
import { readVersion } from '#platform/version/read-version.ts'
import type { Engine, EngineAddresses, EngineOptions, MessagePortLike } from './engine.ts'
import { Housekeeping } from './housekeeping.ts'
import { HttpHost } from './http-host.ts'
import { removeRunFile, writeRunFile } from './run-file.ts'
import { createSiteServices, type SiteServices, type SiteServicesDependencies, startBroker, startStore } from './site-services.ts'
import { SiteSecrets } from './site-secrets.ts'

export type { Engine, EngineAddresses, EngineOptions } from './engine.ts'

/** The one composition root: both hosts, the command line's set-up and the tests make their engine here. */
export function createEngine(options: EngineOptions): Engine {
  return new SiteEngine(options)
}

interface Core extends Omit<SiteServicesDependencies, 'pki'> {
  secrets: SiteSecrets
}

class SiteEngine implements Engine {
  readonly #options: EngineOptions
  readonly #log: Log
  readonly #version = readVersion()
  #lock: DataLock | null = null
  #core: Core | null = null
  #pki: Pki | null = null
  #services: SiteServices | null = null
  #http: HttpHost | null = null
  #housekeeping: Housekeeping | null = null
  #api: Api | null = null
  #isReady = false
  #stopping: Promise<void> | null = null
  #addresses: EngineAddresses = nowhere

  constructor(options: EngineOptions) {
    this.#options = { listen: true, ...options, dataDir: resolve(options.dataDir) }
    this.#log = options.log ?? createLog()
  }

  get addresses(): EngineAddresses {
    return this.#addresses
  }

  async start(): Promise<EngineAddresses> {
    const { dataDir } = this.#options
    this.#lock = lockDataDir(dataDir)
    try {
      const core = await this.#startCore()
      if (core.site.isSetUp()) {
        await core.secrets.open()
        await this.#startSite(core)
      } else {
        await this.#offerSetup(core)
      }
      if (this.#options.listen) await writeRunFile(dataDir, this.#version, this.#addresses)
      return this.#addresses
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async #startCore(): Promise<Core> {
    const { dataDir, clock = systemClock, siteKey = {}, addresses, ports, demo = false, listen } = this.#options
    const db = await openStore(join(dataDir, 'site.sqlite'))
    const secrets = new SiteSecrets(dataDir, siteKey)
    const audit = new AuditService(db, clock, secrets.auditKey)
    const tenants = new TenantsService(db, clock)
    const identity = new IdentityService({ db, clock, audit, hashes: new PasswordHashes(secrets.pepper) })
    const site = new SiteService({
      db,
      clock,
      audit,
      tenants,
      dataDir,
      version: this.#version,
      demo,
      overrides: { ...(addresses && { addresses }), ...(ports && { ports }) },
      onNamesChanged: () => this.#renewCertificates({ mayReplaceWebCa: true }),
    })
    const setup = new SetupService({
      db,
      clock,
      audit,
      identity,
      tenants,
      site,
      createSiteKey: () => secrets.create(clock.now()),
      prepareAuthorities: async (siteName, network) => {
        await this.#replacePki(db, secrets)
        const pki = this.#requirePki()
        const prepared = await pki.prepareAuthorities({ siteName, names: namesOf(network), now: clock.now() })
        return {
          store: (trx) => pki.storeAuthorities(trx, prepared),
          caFingerprint: prepared.certificates.find(({ row }) => row.kind === 'device_root')?.row.fingerprint ?? '',
          webCaFingerprint: prepared.certificates.find(({ row }) => row.kind === 'web_ca')?.row.fingerprint ?? '',
        }
      },
      onSetUp: async () => {
        if (listen) await this.#startSite(this.#requireCore())
      },
    })
    await site.start()
    const procedures = createProcedures({ audit, isSetUp: () => site.isSetUp(), log: this.#log })
    this.#core = { dataDir, db, clock, log: this.#log, audit, identity, tenants, site, setup, procedures, version: this.#version, demo, secrets }
    identity.sessionEnded.subscribe(({ tokenHash }) => this.#http?.sessionEnded(tokenHash))
    return this.#core
  }

  /** Serves nothing but setting up: on loopback, unless other addresses were given. */
  async #offerSetup(core: Core): Promise<void> {
    const { site, setup, procedures, clock, db, secrets } = core
    await this.#replacePki(db, secrets)
    const { setup: setupRouter } = createSiteRouters(procedures, {
      ...core,
      pulse: () => {
        throw new ExpectedError('setup_required')
      },
    })
    this.#api = createApi({ setup: setupRouter })
    if (!this.#options.listen) return
    await this.#startHttp(core)
    const network = site.network()
    const web = await this.#requirePki().temporaryWebCredentials(namesOf(network), clock.now())
    const https = await this.#requireHttp().openHttps(network, web)
    const loopback = await this.#requireHttp().openLoopback(network.ports.http)
    site.listeningOn({ https, http: loopback })
    this.#addresses = {
      ...nowhere,
      https: urls('https', network.addresses, https),
      http: `http://localhost:${loopback}`,
      socket: this.#requireHttp().socketPath,
      setupCode: setup.code.text,
      certificateFingerprint: web.fingerprint,
    }
  }

  /** Start order: CA, store, HTTP, broker, then what runs by the clock. */
  async #startSite(core: Core): Promise<void> {
    const { site, clock, db, secrets } = core
    await this.#replacePki(db, secrets)
    const pki = this.#requirePki()
    const dependencies = { ...core, pki }
    await pki.refreshCrlIfDue(clock.now())
    await pki.renewServerCertificates(namesOf(site.network()), clock.now())
    const services = createSiteServices(dependencies)
    this.#services = services
    await startStore(services, dependencies)
    this.#api = createApi(services.router)
    if (!this.#options.listen) return
    await this.#openListeners(core, pki)
    const mqtts = await startBroker(services, dependencies)
    await services.vitals.start()
    this.#housekeeping = new Housekeeping({ clock, log: this.#log, pki, enrollment: services.enrollment, renew: () => this.#renewCertificates({ mayReplaceWebCa: false }) })
    this.#housekeeping.start()
    this.#isReady = true
    this.#addresses = { ...this.#addresses, mqtts, isSetUp: true, setupCode: null }
    // Set up from the browser while running: who looks for the site must find what it serves now.
    await writeRunFile(this.#options.dataDir, this.#version, this.#addresses)
  }

  async #openListeners(core: Core, pki: Pki): Promise<void> {
    if (!this.#http) await this.#startHttp(core)
    const http = this.#requireHttp()
    const network = core.site.network()
    const web = await pki.webCredentials()
    const loopback = await http.openLoopback(network.ports.http)
    const https = await http.openHttps(network, web)
    const deviceHttps = await http.openDevices(network, await pki.serverCredentials())
    core.site.listeningOn({ http: loopback, https, deviceHttps })
    this.#addresses = {
      ...this.#addresses,
      https: urls('https', network.addresses, https),
      http: `http://localhost:${loopback}`,
      deviceHttps: urls('https', network.addresses, deviceHttps),
      socket: http.socketPath,
      certificateFingerprint: web.fingerprint,
    }
  }

  async #startHttp(core: Core): Promise<void> {
    const { site, identity, demo } = core
    const ui: UiAppDependencies = {
      log: this.#log,
      api: () => this.#requireApi(),
      isSetUp: () => site.isSetUp(),
      resolveToken: async (token): Promise<Actor> => (site.isSetUp() ? identity.resolve(token) : anonymous),
      siteNames: () => ({ addresses: reachableAddresses(site.network()), names: reachableNames(site.network()) }),
      uiDir: this.#options.uiDir ?? builtUi(),
      demo,
      addRoutes: (app, listener) => this.#addRoutes(app, listener, core, ui),
    }
    this.#http = new HttpHost({ dataDir: this.#options.dataDir, ui, publicFiles: () => this.#publicFiles() })
    await this.#http.start()
  }

  #addRoutes(app: FastifyInstance, listener: Listener, core: Core, ui: UiAppDependencies): void {
    addPublicRoutes(app, () => this.#publicFiles())
    addDocsRoutes(app, () => describeApi(this.#version))
    addHealthRoutes(app, {
      ready: async () => ({ set_up: core.site.isSetUp(), engine: this.#isReady, store: this.#isReady && this.#services?.vitals.stall() === null }),
      metrics: createMetrics(() => this.#readMetrics()),
      metricsToken: this.#options.metricsToken ?? null,
    })
    addExportRoute(app, {
      contextOf: (request, reply) => contextOf(listener, request, reply, ui),
      isSetUp: () => core.site.isSetUp(),
      audit: core.audit,
      open: async (scope, query, signal) => this.#openExport(scope, query, signal),
    })
  }

  async #openExport(scope: Parameters<SiteServices['telemetry']['channels']>[0], query: ExportQuery, signal: AbortSignal): Promise<AsyncIterable<string>> {
    const { telemetry, historian } = this.#requireServices()
    const channels = query.channel === undefined ? await telemetry.channels(scope, query) : [await telemetry.channelOf(scope, query)]
    const range = readRange({ from: asInstant(query.from), to: asInstant(query.to) }, this.#requireCore().clock.now())
    const named = channels.map((channel) => ({ channel, gatewayCode: telemetry.view(channel).gatewayCode }))
    return exportCsv(historian, named, { ...range, raw: query.raw === 'true' }, signal)
  }

  async #readMetrics() {
    const { vitals, state, broker, historian } = this.#requireServices()
    const pulse = vitals.pulse(state.rows({ all: true }))
    const [mqtt, store] = await Promise.all([broker.stats(), historian.stats()])
    return {
      gateways: pulse.gateways,
      online: pulse.online,
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

  #publicFiles() {
    return this.#core?.site.isSetUp() ? this.#pki : null
  }

  /**
   * New certificates for the names of now, handed to every listener. A name that the web CA may not sign for needs
   * a new web CA, which browsers must trust anew: only a person's change of the network may cost that.
   */
  async #renewCertificates({ mayReplaceWebCa }: { mayReplaceWebCa: boolean }): Promise<void> {
    const { site, clock } = this.#requireCore()
    const pki = this.#requirePki()
    const { renewed, outsideWebAuthority } = await pki.renewServerCertificates(namesOf(site.network()), clock.now())
    const isReplaced = mayReplaceWebCa && outsideWebAuthority.length > 0
    if (isReplaced) await pki.replaceWebAuthority(namesOf(site.network()), clock.now())
    if (renewed.length === 0 && !isReplaced) return
    const server = await pki.serverCredentials()
    this.#http?.renew(await pki.webCredentials(), server)
    await this.#services?.broker.replaceCredentials(server)
    this.#log.info({ renewed }, 'server certificates renewed')
  }

  async #replacePki(db: SiteDb, secrets: SiteSecrets): Promise<void> {
    await this.#pki?.stop()
    const clock = this.#options.clock ?? systemClock
    this.#pki = new Pki({ db, sealer: secrets.sealer(), onSignerRestarted: (cause) => this.#log.error({ cause }, 'the signing worker died; another took over') })
    await this.#pki.start(clock.now())
  }

  async setup(answers: SetupAnswers): Promise<SetupResult> {
    return this.#requireCore().setup.complete(answers, this.#localDraft('site.setup'))
  }

  async createTenant(tenant: { slug: string; name: string }): Promise<{ id: string }> {
    const { db, tenants, audit } = this.#requireCore()
    return db.transaction().execute(async (trx) => {
      const made = await tenants.create(trx, tenant)
      await audit.recordIn(trx, this.#localDraft('tenant.create').about('tenant', made.id, made.id, { slug: made.slug }))
      return made
    })
  }

  async importReadings(gatewayId: string, readings: Omit<AppendedReading, 'assignmentId'>[]): Promise<void> {
    const { fleet, historian } = this.#requireServices()
    const { assignmentId } = await fleet.find({ all: true }, { gateway: gatewayId })
    if (assignmentId === null) throw new ExpectedError('gateway_state_conflict', { code: gatewayId, state: 'unclaimed', action: 'given readings' })
    await historian.append(readings.map((reading) => ({ ...reading, assignmentId })))
  }

  #localDraft(action: string): AuditDraft {
    return new AuditDraft({ actor: auditActor(localSiteAdmin), action, address: 'local', requestId: null })
  }

  attachPort(port: MessagePortLike): void {
    const { identity, site } = this.#requireCore()
    const session = portSession(async (token) => (site.isSetUp() ? identity.resolve(token) : anonymous))
    this.#requireApi().port.upgrade(port as Parameters<Api['port']['upgrade']>[0], {
      context: {
        request: { id: uuid7(), address: 'local', userAgent: 'desktop', transport: 'port', idempotencyKey: null, trustedLocal: true },
        session,
      },
    })
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** The reverse of starting. A part that fails to stop does not keep the others from it. */
  async #stop(): Promise<void> {
    this.#isReady = false
    removeRunFileOf(this.#options, this.#core)
    this.#housekeeping?.stop()
    const services = this.#services
    services?.vitals.stop()
    const steps: (() => Promise<unknown> | undefined)[] = [
      () => services?.broker.stop(5_000),
      () => services?.presence.stop(),
      () => this.#http?.stop(),
      () => services?.historian.stop(),
      () => this.#pki?.stop(),
      () => this.#core?.db.destroy(),
    ]
    for (const step of steps) {
      await Promise.resolve(step()).catch((err: unknown) => this.#log.error({ err }, 'a part of the engine did not stop cleanly'))
    }
    this.#core?.secrets.destroy()
    this.#lock?.release()
    this.#lock = null
  }

  #requireCore(): Core {
    return this.#core ?? notStarted()
  }

  #requirePki(): Pki {
    return this.#pki ?? notStarted()
  }

  #requireHttp(): HttpHost {
    return this.#http ?? notStarted()
  }

  #requireApi(): Api {
    return this.#api ?? notStarted()
  }

  #requireServices(): SiteServices {
    if (!this.#services) throw new ExpectedError('setup_required')
    return this.#services
  }
}

const nowhere: EngineAddresses = {
  https: [],
  http: null,
  mqtts: [],
  deviceHttps: [],
  socket: null,
  isSetUp: false,
  setupCode: null,
  certificateFingerprint: null,
}

function notStarted(): never {
  throw new ExpectedError('site_stopping')
}

function namesOf(network: Parameters<typeof reachableNames>[0]): string[] {
  return [...reachableNames(network), ...reachableAddresses(network)]
}

function urls(scheme: string, addresses: string[], port: number): string[] {
  return addresses.map((address) => `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`)
}

async function openStore(file: string): Promise<SiteDb> {
  try {
    return await openSiteDb(file)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') throw new ExpectedError('data_damaged', { file, cause: message }, { cause: error })
    throw error
  }
}

/** Beside the sources the UI is in dist/; in the build, beside main/. */
function builtUi(): string {
  const root = new URL('../../', import.meta.url)
  const isSource = extname(fileURLToPath(import.meta.url)) === '.ts'
  return fileURLToPath(new URL(isSource ? 'dist/renderer' : 'renderer', root))
}

function asInstant(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text
}

function removeRunFileOf({ dataDir, listen }: EngineOptions, core: Core | null): void {
  // An engine that found the folder in use must leave the other's file alone.
  if (core && listen && existsSync(dataDir)) removeRunFile(dataDir)
}
