import { setTimeout as sleep } from 'node:timers/promises'
import type { DeviceNvs } from '../boot/device-nvs.ts'
import type { FlashHost } from '../boot/flash-host.ts'
import { addressOf, joinFailure } from './air.ts'
import { BrokerLink } from './broker-link.ts'
import { topicsOf } from './dialect-topics.ts'
import { type GatewaySettings, settingsIn, type Wifi } from './gateway-settings.ts'
import { SetupConsole } from './setup-console.ts'

/** What `status` of the setup tells. */
export interface GatewayStatus {
  wifi: 'connected' | 'connecting' | 'failed' | 'off'
  ip: string | null
  broker: 'connected' | 'connecting' | 'refused' | 'off'
  error: string | null
}

/** The gateway firmware, played: reads its settings from NVS as the real one does, and connects with what it finds. */
export class GatewayFirmware {
  readonly #host: FlashHost
  readonly #nvs: DeviceNvs
  readonly #version: string
  readonly #status: GatewayStatus = { wifi: 'off', ip: null, broker: 'off', error: null }
  #published = 0
  /** Wakes a gateway that waits for settings, or for its next try. */
  #wake: (() => void) | null = null

  constructor(host: FlashHost, nvs: DeviceNvs, version: string) {
    this.#host = host
    this.#nvs = nvs
    this.#version = version
  }

  /** Until the reset, whose signal makes it throw. */
  async run(): Promise<void> {
    const { signal, print } = this.#host
    print(`mw: boot ${this.#version}\r\n`)
    this.#tell()
    const setup = new SetupConsole(this.#host, this.#nvs, {
      version: this.#version,
      status: () => this.#status,
      join: (wifi) => this.#join(wifi),
      settingsChanged: () => this.#wake?.(),
    })
    this.#host.listen((bytes) => setup.take(bytes))
    setup.start()
    while (!signal.aborted) {
      const settings = this.#settings()
      if (settings === null || settings.brokers.length === 0) {
        print('mw: setup waiting\r\n')
        await this.#pause(3_600_000)
      } else if (await this.#onNetwork(settings)) await this.#connectInTurn(settings)
      else await this.#pause(5_000)
    }
  }

  #settings(): GatewaySettings | null {
    try {
      return settingsIn(this.#nvs.read(), this.#host.board.mac)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#host.print(`mw: settings failed ${reason.split('\n')[0]}\r\n`)
      this.#status.error = reason
      return null
    }
  }

  /** Joins the first network that lets it; a board without a list has a cable. */
  async #onNetwork({ wifi }: GatewaySettings): Promise<boolean> {
    if (wifi === null) return true
    for (const network of wifi) if (await this.#join(network)) return true
    return false
  }

  async #join(network: Wifi): Promise<boolean> {
    const { print, board } = this.#host
    Object.assign(this.#status, { wifi: 'connecting', ip: null })
    this.#tell()
    print(`mw: wifi connecting ${network.ssid}\r\n`)
    await this.#takesTime(400)
    const failure = joinFailure(network, this.#host.faults())
    const ip = failure === null ? addressOf(board.mac) : null
    Object.assign(this.#status, { wifi: failure === null ? 'connected' : 'failed', ip, error: failure })
    print(failure === null ? `mw: wifi connected ${ip}\r\n` : `mw: wifi failed ${failure}\r\n`)
    this.#tell()
    return failure === null
  }

  async #connectInTurn(settings: GatewaySettings): Promise<void> {
    for (const uri of settings.brokers) {
      if (await this.#stayConnected(uri, settings)) break
    }
    await this.#pause(2_000)
  }

  /** @returns whether the broker let it in */
  async #stayConnected(uri: string, settings: GatewaySettings): Promise<boolean> {
    const { print, signal } = this.#host
    this.#status.broker = 'connecting'
    this.#tell()
    print(`mw: broker connecting ${uri}\r\n`)
    await this.#takesTime(200)
    if (this.#host.faults().neverConnects === 'broker') {
      this.#refused('connection refused')
      return false
    }
    const topics = topicsOf(settings)
    let link: BrokerLink | null = null
    const cut = (): void => link?.cut()
    signal.addEventListener('abort', cut, { once: true })
    try {
      // Throws where key and certificate do not belong together.
      link = new BrokerLink(uri, settings, topics)
      const problem = await link.opened
      signal.throwIfAborted()
      if (problem !== null) {
        this.#refused(problem)
        return false
      }
      Object.assign(this.#status, { broker: 'connected', error: null })
      print('mw: broker connected\r\n')
      this.#tell()
      await link.announce()
      await this.#sendReadings(link, Math.max(this.#host.board.readingEvery, topics.leastEvery))
      return true
    } catch (error) {
      signal.throwIfAborted()
      this.#refused(error instanceof Error ? error.message : String(error))
      return link !== null
    } finally {
      signal.removeEventListener('abort', cut)
      link?.cut()
    }
  }

  /** Until the connection ends, which makes it throw. */
  async #sendReadings(link: BrokerLink, every: number): Promise<void> {
    const { signal, print } = this.#host
    const ended = link.closed.then((cause) => {
      throw new Error(cause)
    })
    ended.catch(() => {})
    while (true) {
      if (this.#host.faults().noReadings !== true) {
        // A room through the day, and a sensor's noise.
        const drift = Math.sin(Date.now() / 600_000)
        await link.sendReading(Math.round((21.5 + drift + Math.random() * 0.2) * 100) / 100)
        this.#published += 1
        if (this.#published === 1) print('mw: published\r\n')
        this.#tell()
      }
      await Promise.race([ended, sleep(every, undefined, { signal })])
    }
  }

  #refused(reason: string): void {
    Object.assign(this.#status, { broker: 'refused', error: reason })
    this.#host.print(`mw: broker failed ${reason}\r\n`)
    this.#tell()
  }

  #tell(): void {
    const { wifi, broker, error } = this.#status
    this.#host.tell({ wifi, broker, published: this.#published, error })
  }

  /** What a radio needs, and a fast test has no time for. */
  async #takesTime(ms: number): Promise<void> {
    await sleep(this.#host.board.isPaced ? ms : 1, undefined, { signal: this.#host.signal })
  }

  async #pause(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    const wait = this.#host.board.isPaced ? ms : Math.min(ms, 1_000)
    const end = new AbortController()
    const signal = AbortSignal.any([this.#host.signal, end.signal])
    await Promise.race([
      woken,
      sleep(wait, undefined, { signal }).catch(() => this.#host.signal.throwIfAborted()),
    ])
    end.abort()
    this.#wake = null
  }
}
