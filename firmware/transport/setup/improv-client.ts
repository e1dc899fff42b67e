import { ExpectedError } from '#contract/errors.ts'
import { within } from './call-timing.ts'
import { boardWords } from './gateway-setup.ts'
import {
  type ImprovPacket,
  ImprovReader,
  improvCommand,
  improvCommands,
  improvErrors,
  improvStates,
  improvTypes,
  readImprovResult,
} from './improv-packets.ts'

/** Who was set up, as the board says. */
export interface ImprovResult {
  firmware: string
  version: string
  chip: string
  name: string
  /** Where it can be opened in a browser now. */
  url: string | null
}

interface ImprovNetwork {
  ssid: string
  /** dBm */
  rssi: number
  isOpen: boolean
}

/** A board that was just reset starts within seconds, and answers then. */
const FIRST_TRIES = 10
const FIRST_MS = 1_000
const ANSWER_MS = 5_000
const SCAN_MS = 20_000
/** A board tries to connect for about half a minute before it gives up. */
const CONNECT_MS = 60_000

type Heard = (packet: ImprovPacket) => void

/** Gives a board its Wi-Fi over a serial line, by the Improv protocol. One command at a time; further ones wait. */
export class ImprovClient {
  readonly #port: string
  readonly #send: (bytes: Uint8Array) => Promise<void>
  #reader = new ImprovReader()
  #heard: Heard | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /** @param port as errors name it */
  constructor(port: string, send: (bytes: Uint8Array) => Promise<void>) {
    this.#port = port
    this.#send = send
  }

  /** Takes all that comes over the line. */
  hear(bytes: Uint8Array): void {
    if (this.#heard === undefined) return
    for (const packet of this.#reader.push(bytes)) this.#heard(packet)
  }

  /**
   * Sends name and password of the network and awaits that the board is in it.
   *
   * @throws ExpectedError setup_silent (it does not speak Improv), setup_failed (with what it says)
   */
  provision(wifi: { ssid: string; password: string }): Promise<ImprovResult> {
    return this.#inTurn(async () => {
      await this.#state()
      const [firmware, version, chip, name] = (await this.#texts(improvCommands.deviceInfo, ANSWER_MS)) ?? []
      const texts = await this.#texts(
        improvCommands.sendWifi,
        CONNECT_MS,
        Buffer.from(wifi.ssid, 'utf8'),
        Buffer.from(wifi.password, 'utf8'),
      )
      return {
        firmware: boardWords(firmware ?? ''),
        version: boardWords(version ?? ''),
        chip: boardWords(chip ?? ''),
        name: boardWords(name ?? ''),
        url: httpUrl(texts[0]),
      }
    })
  }

  /** The networks that the board sees, strongest first. @throws ExpectedError setup_silent, setup_failed */
  scan(): Promise<ImprovNetwork[]> {
    return this.#inTurn(async () => {
      await this.#state()
      const networks: ImprovNetwork[] = []
      await this.#ask(improvCommand(improvCommands.scan), SCAN_MS, (packet, done) => {
        const result = packet.type === improvTypes.result ? readImprovResult(packet.data) : undefined
        if (result?.command !== improvCommands.scan) return
        const [ssid, rssi, secured] = result.texts
        if (ssid === undefined) done(true)
        else networks.push({ ssid, rssi: Number(rssi ?? 0), isOpen: secured === 'NO' })
      })
      return networks.sort((a, b) => b.rssi - a.rssi)
    })
  }

  /** Asks until it answers: the board may be starting. */
  async #state(): Promise<number> {
    for (let tried = 0; tried < FIRST_TRIES; tried++) {
      const state = await this.#tryToAsk<number>(
        improvCommand(improvCommands.requestState),
        FIRST_MS,
        (packet, done) => {
          if (packet.type === improvTypes.state && packet.data[0] !== undefined) done(packet.data[0])
        },
        // An error that it repeats is of an earlier try.
        { passErrors: true },
      )
      if (state !== undefined) return state
    }
    throw new ExpectedError('setup_silent', { port: this.#port })
  }

  #texts(command: number, ms: number, ...values: Uint8Array[]): Promise<string[]> {
    return this.#ask<string[]>(improvCommand(command, ...values), ms, (packet, done) => {
      if (packet.type === improvTypes.result) {
        const result = readImprovResult(packet.data)
        if (result?.command === command) done(result.texts)
      }
      // Some firmware says only that it is connected, without a result.
      const isConnected = packet.type === improvTypes.state && packet.data[0] === improvStates.provisioned
      if (isConnected && command === improvCommands.sendWifi) setTimeout(() => done([]), 500)
    })
  }

  async #ask<T>(packet: Uint8Array, ms: number, hear: Answering<T>): Promise<T> {
    const answer = await this.#tryToAsk(packet, ms, hear)
    if (answer === undefined) {
      throw new ExpectedError('setup_failed', { port: this.#port, reason: 'it stopped answering' })
    }
    return answer
  }

  async #tryToAsk<T>(
    packet: Uint8Array,
    ms: number,
    hear: Answering<T>,
    options: { passErrors?: boolean } = {},
  ): Promise<T | undefined> {
    const answered = Promise.withResolvers<T>()
    this.#heard = (heard) => {
      const isError = heard.type === improvTypes.error && options.passErrors !== true
      const code = isError ? (heard.data[0] ?? 0) : 0
      if (code === 0) hear(heard, answered.resolve)
      else {
        const reason = improvErrors[code] ?? `error ${code}`
        answered.reject(new ExpectedError('setup_failed', { port: this.#port, reason }))
      }
    }
    try {
      const answer = within(answered.promise, ms)
      // Whoever waits hears of a refusal, also where sending fails first.
      answer.catch(() => undefined)
      await this.#send(packet)
      return await answer
    } finally {
      this.#heard = undefined
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const after = async (earlier: Promise<unknown>): Promise<T> => {
      await earlier
      this.#reader = new ImprovReader()
      return work()
    }
    const done = after(this.#turn)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

type Answering<T> = (packet: ImprovPacket, done: (answer: T) => void) => void

/** A board's word for an address is shown as a link: only web addresses count. */
function httpUrl(text: string | undefined): string | null {
  if (text === undefined || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null
}
