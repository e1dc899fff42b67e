import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import type { Credentials } from '#tests/fixtures/credentials.ts'

export type Value = number | boolean | string

/** By channel key, then by time: the last value that was acknowledged. */
export type Expected = Map<string, Map<number, Value>>

interface Message {
  ts: number
  values: Record<string, Value>
}

const LANES = 8
/** As the texts that people write; Postgres and SQLite must give back each byte. */
const notes = ['ok', 'Störung · 3 ½ °C', '泵已停', 'ok 🧀 \t"quoted"\n', '', '\\.', '\\N', "it's"]

/**
 * A gateway that sends numbered readings of four kinds, over a connection that breaks, until every message was
 * acknowledged: as a box with a memory does. One message in eight corrects one from before.
 */
export class AcknowledgedLoad {
  readonly expected: Expected = new Map()
  acknowledged = 0
  readonly #credentials: Credentials
  readonly #random: () => number
  readonly #pause: number
  readonly #from: number
  /** Sent, or to be sent again. */
  readonly #open: Message[] = []
  #next = 0
  #isOver = false
  #running: Promise<void> = Promise.resolve()

  /** `pause`: ms of each of eight lanes between messages. `from`: time of its first reading, one a second from there. */
  constructor(
    credentials: Credentials,
    { random, pause, from }: { random: () => number; pause: number; from: number },
  ) {
    this.#credentials = credentials
    this.#random = random
    this.#pause = pause
    this.#from = from
  }

  /** `port()`: where the broker is now. */
  start(port: () => number): void {
    this.#running = this.#run(port)
  }

  /** No new messages; resolves when all were acknowledged. */
  async finish(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  async #run(port: () => number): Promise<void> {
    while (!this.#isOver || this.#open.length > 0) {
      try {
        await this.#session(port())
      } catch {
        await sleep(100)
      }
    }
  }

  async #session(port: number): Promise<void> {
    const { clientId, telemetryTopic, ...files } = this.#credentials
    const [cert, key, ca] = await Promise.all([files.cert, files.key, files.ca].map((file) => readFile(file)))
    const options = { clientId, cert, key, ca, reconnectPeriod: 0, connectTimeout: 5_000 }
    const client = await connectAsync(`mqtts://127.0.0.1:${port}`, options as object, false)
    let isBroken = false
    const broken = new Promise<void>((resolve) =>
      client.on('close', () => {
        isBroken = true
        resolve()
      }),
    )
    client.on('error', () => undefined)
    // What the last connection did not have acknowledged comes first.
    const again = this.#open.splice(0)
    const lane = async (): Promise<void> => {
      for (;;) {
        const message = again.pop() ?? (this.#isOver ? null : this.#make())
        if (message === null) return
        this.#open.push(message)
        if (isBroken) return
        await Promise.race([this.#publish(client, telemetryTopic, message), broken])
        if (isBroken) return
        await sleep(this.#pause * (0.5 + this.#random()))
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    this.#open.push(...again)
    client.end(true)
  }

  #publish(client: MqttClient, topic: string, message: Message): Promise<void> {
    return client.publishAsync(topic, JSON.stringify(message), { qos: 1 }).then(
      () => this.#acknowledge(message),
      () => undefined,
    )
  }

  #acknowledge(message: Message): void {
    const index = this.#open.indexOf(message)
    if (index < 0) return
    this.#open.splice(index, 1)
    for (const [channel, value] of Object.entries(message.values)) {
      this.acknowledged += 1
      const readings = this.expected.get(channel) ?? new Map<number, Value>()
      this.expected.set(channel, readings.set(message.ts, value))
    }
  }

  #make(): Message {
    const random = this.#random
    const isCorrection = this.#next > 20 && random() < 1 / 8
    const number = isCorrection ? Math.floor(random() * this.#next) : this.#next
    const ts = this.#from + number * 1_000
    // Two writes of one reading under way at once have no order.
    if (isCorrection && this.#open.some((one) => one.ts === ts)) return this.#make()
    if (!isCorrection) this.#next += 1
    return {
      ts,
      values: {
        // Below 2^53, beyond which JSON's whole numbers are marked as rounded.
        'meter/power': (random() - 0.5) * 10 ** Math.floor(random() * 36 - 20),
        'meter/energy': Math.floor(random() * 2 ** 53),
        'meter/running': random() < 0.5,
        'meter/note': notes[Math.floor(random() * notes.length)] ?? '',
      },
    }
  }
}
