import { resolve } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import { Pki } from '#features/pki/index.ts'
import {
  createSiteRouters,
  reachableAddresses,
  reachableNames,
  type SetupAnswers,
  type SetupResult,
} from '#features/site/index.ts'
import { type Api, createApi } from '#http/api.ts'
import { recordRefused } from '#http/route-audit.ts'
import { portSession, type TokenKeeper } from '#http/session-carriers.ts'
import type { UiAppDependencies } from '#http/ui-app.ts'
import type { WrongPort } from '#http/wrong-port.ts'
import type { AppendedReading } from '#platform/historian/historian.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { type DataLock, lockDataDir } from '#platform/lock/data-lock.ts'
import { createLog, type Log } from '#platform/log/log.ts'
import { readVersion } from '#platform/version/read-version.ts'
import { builtUi } from './built-ui.ts'
import {
  type Engine,
  type EngineAddresses,
  type EngineOptions,
  type MessagePortLike,
  nowhere,
} from './engine.ts'
import { type EngineCore, localDraft, openCore } from './engine-core.ts'
import { addEngineRoutes } from './engine-routes.ts'
import { Housekeeping } from './housekeeping.ts'
import { HttpHost } from './http-host.ts'
import { resolveBearer, resolveToken } from './resolve-caller.ts'
import { removeRunFile, writeRunFile } from './run-file.ts'
import { namesOf, urls } from './site-names.ts'
import { createSiteServices, type SiteServices } from './site-services.ts'
import { startBroker, startStore } from './start-services.ts'
import { stopRecorders } from './stop-recorders.ts'
import { WindowPort } from './window-port.ts'

export type { Engine, EngineAddresses, EngineOptions } from './engine.ts'

/** The one composition root: both hosts, the command line's set-up and the tests make their engine here. */
export function createEngine(options: EngineOptions): Engine {
  return new SiteEngine(options)
}

class SiteEngine implements Engine {
  readonly #options: EngineOptions
  readonly #log: Log
  readonly #version = readVersion()
  #lock: DataLock | null = null
  #core: EngineCore | null = null
  #pki: Pki | null = null
  #services: SiteServices | null = null
  #http: HttpHost | null = null
  #housekeeping: Housekeeping | null = null
  #api: Api | null = null
  /** Puts each desktop window's port under the present API. */
  readonly #windows = new Set<() => void>()
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
    // Whatever the engine writes is for its owner alone, SQLite's own files too (security.md, Secrets at rest).
    process.umask(0o077)
    this.#lock = lockDataDir(this.#options.dataDir)
    try {
      const core = await openCore(
        this.#options,
        { log: this.#log, version: this.#version },
        this.#setupHooks(),
      )
      this.#core = core
      core.identity.sessions.ended.subscribe(({ sessionId }) => this.#http?.sessionEnded(sessionId))
      if (core.site.isSetUp()) {
        await core.secrets.open()
        await this.#startSite(core)
      } else {
        await this.#offerSetup(core)
      }
      return this.#addresses
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  #setupHooks(): Parameters<typeof openCore>[2] {
    return {
      prepareAuthorities: async (siteName, network) => {
        const { clock } = required(this.#core)
        const pki = await this.#replacePki()
        const prepared = await pki.prepareAuthorities({ siteName, names: namesOf(network), now: clock.now() })
        const fingerprintOf = (kind: string) =>
          prepared.certificates.find(({ row }) => row.kind === kind)?.row.fingerprint ?? ''
        return {
          store: (trx) => pki.storeAuthorities(trx, prepared),
          caFingerprint: fingerprintOf('device_root'),
          webCaFingerprint: fingerprintOf('web_ca'),
        }
      },
      onSetUp: async () => {
        if (this.#options.listen) await this.#startSite(required(this.#core))
      },
      onNamesChanged: () => this.#renewCertificates({ mayReplaceWebCa: true, isForced: false }),
    }
  }

  /** Serves nothing but setting up: on loopback, unless other addresses were given. */
  async #offerSetup(core: EngineCore): Promise<void> {
    const { site, setup, procedures, clock } = core
    const pki = await this.#replacePki()
    const pulse = () => {
      throw new ExpectedError('setup_required')
    }
    this.#api = createApi({ setup: createSiteRouters(procedures, { ...core, pulse }).setup })
    if (!this.#options.listen) return
    const http = await this.#startHttp(core)
    const network = site.network()
    const web = await pki.temporaryWebCredentials(namesOf(network), clock.now())
    const https = await http.openHttps(network, web)
    const loopback = await http.openLoopback(network.ports.http)
    site.listeningOn({ https, http: loopback })
    this.#addresses = {
      ...nowhere,
      https: urls(network.addresses, https),
      http: `http://localhost:${loopback}`,
      socket: http.socketPath,
      tokenFile: http.tokenFile,
      setupCode: setup.code.text,
      certificateFingerprint: web.fingerprint,
    }
    await writeRunFile(this.#options.dataDir, this.#version, this.#addresses)
  }

  /** Start order: CA, store, HTTP, broker, then what runs by the clock. */
  async #startSite(core: EngineCore): Promise<void> {
    const { site, clock } = core
    await core.audit.start(AUDIT_CHECKED)
    const pki = await this.#newPki()
    const { mqttListeners = {}, cloudTimes = null } = this.#options
    const dependencies = { ...core, pki, mqttListeners, cloudTimes }
    const services = createSiteServices(dependencies)
    this.#services = services
    const startPki = async () => {
      await pki.start(clock.now())
      await pki.refreshCrlIfDue(clock.now())
      await pki.renewServerCertificates(namesOf(site.certificateNetwork()), clock.now())
    }
    // Threads take their time to come up, and these know nothing of each other until the broker starts.
    const startHttp = this.#options.listen && !this.#http ? this.#startHttp(core) : null
    await Promise.all([startPki(), startStore(services, dependencies), startHttp])
    this.#api = createApi(services.router)
    // Windows that set the site up go on with the whole of it.
    for (const serve of this.#windows) serve()
    if (!this.#options.listen) return
    await this.#openListeners(core, pki)
    const mqtts = await startBroker(services, dependencies)
    await services.vitals.start()
    await services.transfers.runner.start()
    services.auditServices.retention.start()
    const renew = (isForced: boolean) => this.#renewCertificates({ mayReplaceWebCa: false, isForced })
    this.#housekeeping = new Housekeeping({
      clock,
      log: this.#log,
      pki,
      credentials: services.credentials,
      deletions: services.privacy.deletions,
      mqttPolicies: services.mqtt.policies,
      renew,
    })
    this.#housekeeping.start()
    await services.cloud.start()
    this.#isReady = true
    this.#addresses = { ...this.#addresses, mqtts, isSetUp: true, setupCode: null }
    // Who looks for the site must find what it serves now, also when it was set up while it ran.
    await writeRunFile(this.#options.dataDir, this.#version, this.#addresses)
  }

  async #openListeners({ site }: EngineCore, pki: Pki): Promise<void> {
    const http = this.#http ?? (await this.#startHttp(required(this.#core)))
    const network = site.network()
    const web = await pki.webCredentials()
    const loopback = await http.openLoopback(network.ports.http)
    const https = await http.openHttps(network, web)
    const deviceHttps = await http.openDevices(network, await pki.serverCredentials())
    site.listeningOn({ http: loopback, https, deviceHttps })
    this.#addresses = {
      ...this.#addresses,
      https: urls(network.addresses, https),
      http: `http://localhost:${loopback}`,
      deviceHttps: urls(network.addresses, deviceHttps),
      socket: http.socketPath,
      tokenFile: http.tokenFile,
      webCaPem: await pki.webCaPem(),
      certificateFingerprint: web.fingerprint,
    }
  }

  async #startHttp(core: EngineCore): Promise<HttpHost> {
    const { site, demo } = core
    const publicFiles = () => (site.isSetUp() ? this.#pki : null)
    const ui: UiAppDependencies = {
      log: this.#log,
      api: () => required(this.#api),
      isSetUp: () => site.isSetUp(),
      resolveToken: (token) => resolveToken(core, token),
      resolveBearer: (secret, address) => resolveBearer(core, secret, address),
      calls: core.calls,
      siteNames: () => ({
        addresses: reachableAddresses(site.network()),
        names: reachableNames(site.network()),
      }),
      uiDir: this.#options.uiDir ?? builtUi(),
      demo,
      refused: (what, code) => {
        if (site.isSetUp()) void recordRefused(core.audit, what, code)
      },
      addRoutes: (app, listener) =>
        addEngineRoutes(app, listener, {
          core,
          ui,
          metricsToken: this.#options.metricsToken ?? null,
          isReady: () => this.#isReady,
          services: () => this.#requireServices(),
          publicFiles,
        }),
    }
    const wrongPort = (seen: WrongPort) => this.#services?.doctor.wrongPort(seen)
    const http = new HttpHost({ dataDir: this.#options.dataDir, ui, wrongPort })
    this.#http = http
    await http.start()
    return http
  }

  /**
   * New certificates for the names of now, handed to every listener. A name that the web CA may not sign for needs
   * a new web CA, which browsers must trust anew: only a person's change of the network may cost that.
   */
  async #renewCertificates(how: { mayReplaceWebCa: boolean; isForced: boolean }): Promise<void> {
    const { site, clock } = required(this.#core)
    const pki = required(this.#pki)
    const names = namesOf(site.certificateNetwork())
    const { renewed, outsideWebAuthority } = await pki.renewServerCertificates(names, clock.now())
    const isReplaced = how.mayReplaceWebCa && outsideWebAuthority.length > 0
    if (isReplaced) await pki.replaceWebAuthority(names, clock.now())
    if (renewed.length === 0 && !isReplaced && !how.isForced) return
    const server = await pki.serverCredentials()
    this.#http?.renew(await pki.webCredentials(), server)
    await this.#services?.broker.replaceCredentials(server)
    if (isReplaced) {
      this.#addresses = { ...this.#addresses, webCaPem: await pki.webCaPem() }
      await writeRunFile(this.#options.dataDir, this.#version, this.#addresses)
    }
    this.#log.info({ renewed, webCaReplaced: isReplaced }, 'server certificates renewed')
  }

  /** A certificate authority under the site key of now: before set-up a key of the moment, after it the site's. */
  async #replacePki(): Promise<Pki> {
    const pki = await this.#newPki()
    await pki.start(required(this.#core).clock.now())
    return pki
  }

  async #newPki(): Promise<Pki> {
    const { db, secrets } = required(this.#core)
    await this.#pki?.stop()
    const onSignerRestarted = (cause: string) =>
      this.#log.error({ cause }, 'the signing worker died; another took over')
    this.#pki = new Pki({ db, sealer: secrets.sealer(), onSignerRestarted })
    return this.#pki
  }

  async setup(answers: SetupAnswers): Promise<SetupResult> {
    const { setup } = required(this.#core)
    const { startFailure, ...result } = await setup.complete(answers, localDraft('site.setup'))
    if (startFailure) throw startFailure
    return result
  }

  async createTenant(tenant: { slug: string; name: string }): Promise<{ id: string }> {
    const { db, tenants, audit } = required(this.#core)
    return db.transaction().execute(async (trx) => {
      const made = await tenants.create(trx, tenant)
      await audit.recordIn(
        trx,
        localDraft('tenant.create').about('tenant', made.id, made.id, { slug: made.slug }),
      )
      return made
    })
  }

  async importReadings(gatewayId: string, readings: Omit<AppendedReading, 'assignmentId'>[]): Promise<void> {
    const { fleet, historian, telemetry } = this.#requireServices()
    const { id, assignmentId, code, state } = await fleet.find({ all: true }, { gateway: gatewayId })
    if (assignmentId === null)
      throw new ExpectedError('gateway_state_conflict', { code, state, action: 'given readings' })
    telemetry.expectImport(id, readings.length)
    try {
      await historian.append(readings.map((reading) => ({ ...reading, assignmentId })))
    } catch (error) {
      telemetry.importFailed(id)
      throw error
    }
  }

  attachPort(port: MessagePortLike, keeper: TokenKeeper): void {
    const core = required(this.#core)
    const context = {
      request: {
        id: uuid7(),
        address: 'local',
        userAgent: 'desktop',
        transport: 'port' as const,
        idempotencyKey: null,
        trustedLocal: true,
      },
      session: portSession((token) => resolveToken(core, token), keeper),
    }
    const window = new WindowPort(port)
    const serve = () => required(this.#api).port.upgrade(window, { context })
    this.#windows.add(serve)
    window.on('close', () => this.#windows.delete(serve))
    window.start()
    serve()
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** The reverse of starting. A part that fails to stop does not keep the others from it. */
  async #stop(): Promise<void> {
    this.#isReady = false
    // An engine that found the folder in use never got this far, and leaves the other's file alone.
    if (this.#addresses !== nowhere) removeRunFile(this.#options.dataDir)
    this.#housekeeping?.stop()
    const services = this.#services
    services?.vitals.stop()
    services?.storage.stop()
    services?.retention.stop()
    services?.auditServices.log.stop()
    const steps: (() => Promise<unknown> | undefined)[] = [
      () => services?.cloud.stop(),
      () => services?.transfers.runner.stop(),
      // No port stays open; gateways that stand are awaited at the next start.
      () => services?.flashing.stop(),
      () => services?.broker.stop(BROKER_DEADLINE),
      () => (services ? stopRecorders(services) : undefined),
      () => this.#http?.stop(),
      () => services?.historian.stop(),
      () => services?.recorder.settled(),
      () => this.#pki?.stop(),
      () => services?.auditServices.retention.stop(),
      () => this.#core?.audit.stop(),
      () => this.#core?.db.destroy(),
    ]
    for (const step of steps) {
      try {
        await step()
      } catch (err) {
        this.#log.error({ err }, 'a part of the engine did not stop cleanly')
      }
    }
    this.#core?.secrets.destroy()
    this.#lock?.release()
    this.#lock = null
  }

  #requireServices(): SiteServices {
    if (!this.#services) throw new ExpectedError('setup_required')
    return this.#services
  }
}

/** Of the ten seconds that stopping may take, what the broker gets to commit what is in flight, ms. */
const BROKER_DEADLINE = 5_000

/** Entries of the audit that are proved at each start: those since the last one, and quickly. */
const AUDIT_CHECKED = 1_000

/** A part that is there once the engine started. */
function required<T>(part: T | null): T {
  if (part === null) throw new ExpectedError('site_stopping')
  return part
}
