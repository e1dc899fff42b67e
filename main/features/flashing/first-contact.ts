import { setTimeout as sleep } from 'node:timers/promises'
import { ExpectedError } from '#contract/errors.ts'
import type { ReadingCheck } from '#contract/model/flash.ts'
import type { MonitorSession } from './bench-port.ts'
import { BootWatch } from './boot-watch.ts'
import type { Contacts, ExpectedCredential, HeardReading } from './contacts.ts'

/** After so long the list of ports is a new one, ms. */
const RELISTED = 1_500
/** A port that is back by then was only reset. */
const REPLUG = 5_000

export interface FirstContact {
  credential: ExpectedCredential
  code: string
  check: ReadingCheck | null
  /** Seconds for the contact, and then for the reading. */
  within: number
  ssid: string | null
  address: string
  /** It is connected already: only its reading is awaited. */
  isThere: boolean
  signal: AbortSignal
}

export interface ContactListener {
  /** The firmware runs. */
  onRunning(): void
  onContact(): Promise<void>
  /** A line for the log. */
  onLog(text: string): void
}

/** How a port that went away is found again. */
export interface LostPort {
  port: string
  isBack(): boolean
  reopen(): Promise<MonitorSession>
}

/**
 * Waits for a board that was let go: for its session at the broker and its first reading, while it is heard on its line.
 * It resolves with the reading that the run asks for.
 */
export class ContactWait {
  readonly #contacts: Contacts
  readonly #of: FirstContact
  readonly #listener: ContactListener
  readonly #boot: BootWatch
  readonly #session = Promise.withResolvers<void>()
  readonly #reading = Promise.withResolvers<HeardReading>()
  readonly #failed = Promise.withResolvers<never>()
  readonly #stops: (() => void)[] = []
  #isRunningTold = false
  #isHeard = false
  #isEnded = false

  constructor(contacts: Contacts, of: FirstContact, listener: ContactListener) {
    this.#contacts = contacts
    this.#of = of
    this.#listener = listener
    this.#boot = new BootWatch(of)
    this.#failed.promise.catch(() => {})
  }

  /** From now on nothing is missed. Call it before the board starts. */
  begin(): void {
    const { credential, signal, isThere } = this.#of
    if (isThere) this.#session.resolve()
    this.#stops.push(
      this.#contacts.expect(credential, {
        onSession: () => this.#session.resolve(),
        onReading: (reading) => {
          if (isAwaited(reading, this.#of.check)) this.#reading.resolve(reading)
        },
      }),
    )
    const abort = () => this.#failed.reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    this.#stops.push(() => signal.removeEventListener('abort', abort))
  }

  /** Hears what the board says; `lost` where its port may come back. */
  listen(monitor: MonitorSession, lost: LostPort): void {
    this.#isHeard = true
    this.#stops.push(
      monitor.onLines((lines) => {
        for (const line of lines) {
          const hopeless = this.#boot.take(line)
          if (hopeless) this.#failed.reject(hopeless)
        }
        if (!this.#boot.isRunning || this.#isRunningTold) return
        this.#isRunningTold = true
        this.#listener.onRunning()
      }),
    )
    void monitor.ended.then((error) => (error ? this.#lost(lost) : undefined))
  }

  /**
   * @throws ExpectedError `contact_missed`, `reading_missed`, `port_lost`, and what the board tells of itself: `board_brownout`,
   *   `board_panicked`, `board_no_app`, `board_wifi_failed`, `board_broker_failed`, `board_boot_silent`; what the signal says
   */
  async wait(): Promise<HeardReading> {
    const { code, within: seconds } = this.#of
    await this.#within(this.#session.promise, () => this.#boot.trouble ?? this.#missed())
    await this.#listener.onContact()
    return this.#within(
      this.#reading.promise,
      () => this.#boot.trouble ?? new ExpectedError('reading_missed', { code, seconds }),
    )
  }

  end(): void {
    this.#isEnded = true
    for (const stop of this.#stops.splice(0)) stop()
  }

  #missed(): ExpectedError {
    const { code, within: seconds } = this.#of
    return this.#isHeard && this.#boot.isSilent
      ? new ExpectedError('board_boot_silent', { seconds })
      : new ExpectedError('contact_missed', { code, seconds })
  }

  async #within<T>(awaited: Promise<T>, late: () => ExpectedError): Promise<T> {
    const deadline = new AbortController()
    const over = sleep(this.#of.within * 1_000, undefined, { signal: deadline.signal }).then(() => {
      throw late()
    })
    over.catch(() => {})
    try {
      return await Promise.race([awaited, this.#failed.promise, over])
    } finally {
      deadline.abort()
    }
  }

  /** Chips with USB of their own leave the bus when they start: that is no unplugging. */
  async #lost({ port, isBack, reopen }: LostPort): Promise<void> {
    const { onLog } = this.#listener
    const end = Date.now() + REPLUG
    // Ports are looked for once a second: until then the one that went is listed, and its name may be another's.
    await sleep(RELISTED)
    while (Date.now() < end) {
      await sleep(250)
      if (this.#isEnded) return
      if (!isBack()) continue
      try {
        const monitor = await reopen()
        // Nobody waits any more: no port stays open for that.
        if (this.#isEnded) await monitor.close()
        else this.listen(monitor, { port, isBack, reopen })
        return
      } catch {
        // It may be gone again, or not ready yet.
      }
    }
    if (isBack()) {
      onLog(`${port} is back, but does not open: waiting for the broker alone`)
      return
    }
    this.#failed.reject(new ExpectedError('port_lost', { port, step: 'waiting' }))
  }
}

function isAwaited({ key, name }: HeardReading, check: ReadingCheck | null): boolean {
  return check === null || key === check.channel || name === check.channel
}

/** @returns whether a reading is as the run expects; null where it expects nothing */
export function checkReading(
  { value }: HeardReading,
  check: ReadingCheck | null,
): 'passed' | 'failed' | null {
  if (check === null) return null
  const { least, most } = check
  if (least === null && most === null) return 'passed'
  const isNumber = typeof value === 'number'
  return isNumber && value >= (least ?? -Infinity) && value <= (most ?? Infinity) ? 'passed' : 'failed'
}
