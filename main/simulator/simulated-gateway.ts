import type { ReadingValue } from '#contract/model/reading.ts'
import { answerTo } from './command-answers.ts'
import { type Fault, outage, skewedTime } from './faults.ts'
import type { GatewayCredentials } from './gateway-credentials.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import type { SimulatedChannel } from './meters.ts'
import { MqttSession } from './mqtt-session.ts'
import { hashText, unitNoise } from './noise.ts'

export interface SimulatedGatewayOptions {
  credentials: GatewayCredentials
  channels: readonly SimulatedChannel[]
  /** ms between messages. */
  interval: number
  fault: Fault | null
  /** ms since 1970. */
  now: () => number
}

/** What it kept while away, in messages: an hour at one a second, the oldest given up first. */
const KEPT_MESSAGES = 3_600
const MESSAGES_PER_BATCH = 50
const LONGEST_WAIT = 30_000

interface Message {
  ts?: number
  values: Record<string, ReadingValue>
}

/** A box with meters: connects, sends at its rate, keeps what it cannot send, comes back, answers commands. */
export class SimulatedGateway {
  readonly credentials: GatewayCredentials
  readonly latencies = new LatencyHistogram()
  readonly totals = { sent: 0, acknowledged: 0, errors: 0, connects: 0, commands: 0, givenUp: 0 }
  /** Why the last connection ended; null while all is well. */
  lastError: string | null = null
  readonly #options: SimulatedGatewayOptions
  readonly #seed: number
  #session: MqttSession | null = null
  #kept: Message[] = []
  #sequence = 0
  #round = 0
  #failures = 0
  #startedAt = 0
  #running = false
  #away = false
  #ticker: NodeJS.Timeout | undefined
  #plug: NodeJS.Timeout | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(options: SimulatedGatewayOptions) {
    this.credentials = options.credentials
    this.#options = options
    this.#seed = hashText(options.credentials.code)
  }

  get online(): boolean {
    return this.#session?.connected ?? false
  }

  start(): void {
    this.#running = true
    this.#startedAt = this.#options.now()
    this.#connect()
    // Spread over the interval: a fleet does not send on one beat.
    this.#ticker = setTimeout(() => this.#tick(), this.#options.interval * unitNoise(this.#seed, 0))
  }

  async stop(): Promise<void> {
    this.#running = false
    for (const timer of [this.#ticker, this.#plug, this.#retry]) clearTimeout(timer)
    await this.#session?.stop()
    this.#session = null
  }

  /** For good: no DISCONNECT, nothing more is measured. */
  cutPower(): void {
    this.#running = false
    for (const timer of [this.#ticker, this.#plug, this.#retry]) clearTimeout(timer)
    this.#session?.cut()
    this.#session = null
  }

  #connect(): void {
    this.#away = false
    const session = new MqttSession(this.credentials, {
      connected: () => this.#onConnected(),
      closed: (cause) => this.#onClosed(session, cause),
      command: (payload) => this.#answer(payload),
    })
    this.#session = session
    session.start()
  }

  #onConnected(): void {
    this.totals.connects += 1
    this.#failures = 0
    this.lastError = null
    this.#sendKept()
    const next = outage(this.#options.fault, this.#seed, this.#round++)
    if (next === null) return
    this.#plug = setTimeout(() => {
      this.#away = true
      this.#session?.cut()
      this.#retry = setTimeout(() => this.#connect(), next.away)
    }, next.up)
  }

  #onClosed(session: MqttSession, cause: string | null): void {
    if (session !== this.#session) return
    this.#session = null
    clearTimeout(this.#plug)
    if (!this.#running || this.#away) return
    this.totals.errors += 1
    this.lastError = cause
    const wait = Math.min(1_000 * 2 ** this.#failures++, LONGEST_WAIT)
    this.#retry = setTimeout(() => this.#connect(), wait * (0.5 + Math.random() / 2))
  }

  #tick(): void {
    if (!this.#running) return
    this.#ticker = setTimeout(() => this.#tick(), this.#options.interval)
    const message = this.#measure()
    if (this.online && this.#kept.length === 0) void this.#send([message])
    else this.#keep([message])
  }

  #measure(): Message {
    const { channels, fault, now } = this.#options
    const time = now()
    const sequence = this.#sequence++
    const values: Record<string, ReadingValue> = {}
    for (const channel of channels) {
      if (sequence % channel.every === 0) values[channel.key] = channel.valueAt(time)
    }
    const ts = fault === 'skew' ? skewedTime(this.#seed, time, this.#startedAt) : time
    return ts === undefined ? { values } : { ts, values }
  }

  async #send(messages: Message[]): Promise<void> {
    const session = this.#session
    if (session === null) return this.#keep(messages)
    const startedAt = performance.now()
    this.totals.sent += messages.length
    try {
      await session.publish('telemetry', JSON.stringify(messages.length === 1 ? messages[0] : messages))
      this.totals.acknowledged += messages.length
      this.latencies.record(performance.now() - startedAt)
    } catch {
      // Not acknowledged is not delivered, as far as a gateway can know: it sends again, and the site drops doubles.
      this.totals.sent -= messages.length
      this.#keep(messages)
    }
  }

  #keep(messages: Message[]): void {
    this.#kept.push(...messages)
    const over = this.#kept.length - KEPT_MESSAGES
    if (over <= 0) return
    this.#kept.splice(0, over)
    this.totals.givenUp += over
  }

  #sendKept(): void {
    const kept = this.#kept
    this.#kept = []
    for (let at = 0; at < kept.length; at += MESSAGES_PER_BATCH) {
      void this.#send(kept.slice(at, at + MESSAGES_PER_BATCH))
    }
  }

  #answer(payload: Uint8Array): void {
    const answer = answerTo(payload, {
      code: this.credentials.code,
      uptime: Math.round((this.#options.now() - this.#startedAt) / 1_000),
      channels: this.#options.channels.length,
      sent: this.totals.acknowledged,
    })
    if (answer === null) return
    this.totals.commands += 1
    this.#session?.publish('commands/ack', JSON.stringify(answer)).catch(() => {})
  }
}
