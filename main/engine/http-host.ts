import http from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Network } from '#contract/api/site.ts'
import { AdminSocket } from '#http/admin-socket.ts'
import { HttpsListeners, LoopbackListeners } from '#http/listeners.ts'
import { LiveSockets } from '#http/live-socket.ts'
import { cutSlowBodies } from '#http/slow-bodies.ts'
import { boundStrangers } from '#http/stranger-bounds.ts'
import { createUiApp, type UiAppDependencies } from '#http/ui-app.ts'
import { type WrongPort, WrongPorts } from '#http/wrong-port.ts'

export interface HttpHostOptions {
  dataDir: string
  ui: UiAppDependencies
  /** A box spoke MQTT to a port of HTTP. */
  wrongPort(seen: WrongPort): void
}

type Credentials = { key: string; cert: string }

/** Every HTTP listener of the engine: UI and API on HTTPS and on loopback, devices' HTTPS, the local socket. */
export class HttpHost {
  readonly #options: HttpHostOptions
  readonly #sockets: LiveSockets
  #apps: FastifyInstance[] = []
  #https: HttpsListeners | null = null
  #devices: HttpsListeners | null = null
  #loopback: LoopbackListeners | null = null
  #admin: AdminSocket | null = null

  constructor(options: HttpHostOptions) {
    this.#options = options
    this.#sockets = new LiveSockets(options.ui)
  }

  /** The apps and the local socket; network listeners open when their certificates are there. */
  async start(): Promise<void> {
    const { ui, dataDir } = this.#options
    const wrong = new WrongPorts((seen) => this.#options.wrongPort(seen))
    const [lan, loopback, socket, devices] = await Promise.all([
      createUiApp('lan', http.createServer(), ui),
      createUiApp('loopback', http.createServer(), ui),
      createUiApp('socket', http.createServer(), ui),
      createUiApp('devices', http.createServer(), ui),
    ])
    this.#apps = [lan, loopback, socket, devices]
    await Promise.all(this.#apps.map((app) => app.ready()))
    this.#sockets.start()
    this.#https = new HttpsListeners(lan.routing, '--https', {}, (server) => {
      cutSlowBodies(server)
      wrong.watch(server, 'https')
      this.#sockets.attach(server, 'lan')
    })
    this.#loopback = new LoopbackListeners(loopback.routing, (server) => {
      cutSlowBodies(server)
      wrong.watch(server, 'http')
      this.#sockets.attach(server, 'loopback')
    })
    // Bootstrap is open to boxes without a certificate, so it is asked for and not required.
    const asked = { requestCert: true, rejectUnauthorized: false }
    this.#devices = new HttpsListeners(devices.routing, '--device-https', asked, (server) => {
      boundStrangers(server)
      wrong.watch(server, 'device_https')
    })
    this.#admin = new AdminSocket({ dataDir, handler: socket.routing })
    await this.#admin.start()
  }

  get socketPath(): string | null {
    return this.#admin?.path ?? null
  }

  /** Where the token of the local socket is, on systems that need one. */
  get tokenFile(): string | null {
    return this.#admin?.tokenFile ?? null
  }

  /** @throws ExpectedError `port_in_use`, `port_forbidden` */
  async openLoopback(port: number): Promise<number> {
    await this.#loopback?.open(port)
    return this.#loopback?.port ?? 0
  }

  /** @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden` */
  async openHttps(network: Network, credentials: Credentials): Promise<number> {
    await this.#https?.open({ addresses: network.addresses, port: network.ports.https, credentials })
    return this.#https?.port ?? 0
  }

  async openDevices(network: Network, credentials: Credentials & { ca: string }): Promise<number> {
    await this.#devices?.open({ addresses: network.addresses, port: network.ports.deviceHttps, credentials })
    return this.#devices?.port ?? 0
  }

  renew(web: Credentials, device: Credentials & { ca: string }): void {
    this.#https?.renew(web)
    this.#devices?.renew(device)
  }

  sessionEnded(sessionId: string): void {
    this.#sockets.sessionEnded(sessionId)
  }

  async stop(): Promise<void> {
    this.#sockets.stop()
    await Promise.all([
      this.#https?.close(),
      this.#loopback?.close(),
      this.#devices?.close(),
      this.#admin?.stop(),
    ])
    await Promise.all(this.#apps.map((app) => app.close()))
  }
}
