import { ExpectedError } from '#contract/errors.ts'
import type { BoardLine } from './bench-port.ts'

/** Of what a board says again and again, so often means that it stays so. */
const ENOUGH = { brownout: 2, panic: 3, noApp: 3, wifi: 3, broker: 5 } as const

const crashes = new Set(['panic', 'abort', 'assert', 'stack_overflow', 'watchdog'])
const unstartable = new Set(['no_app', 'flash_error', 'flash_size', 'secure_boot', 'download_mode'])

/** What a board tells of its start, and what is wrong with it. `address`: where it is to find the broker. */
export class BootWatch {
  readonly #ssid: string
  readonly #address: string
  #heard = 0
  #brownouts = 0
  #crashes = 0
  #unstarted = 0
  #wifi = 0
  #broker = 0
  /** The newest trouble: what it was when the time is over. */
  #trouble: ExpectedError | null = null
  /** The firmware runs. */
  isRunning = false

  constructor({ ssid, address }: { ssid: string | null; address: string }) {
    this.#ssid = ssid ?? '?'
    this.#address = address
  }

  /** @returns why there is no more to wait for; null as long as there is hope */
  take({ text, meaning, data }: BoardLine): ExpectedError | null {
    if (text.trim() !== '' && meaning !== 'noise') this.#heard++
    if (meaning === null) return null
    if (meaning === 'boot_loop') return this.#loop(data)
    if (meaning === 'brownout') return this.#note(++this.#brownouts, ENOUGH.brownout, brownout())
    if (crashes.has(meaning)) return this.#note(++this.#crashes, ENOUGH.panic, panicked(data, text))
    if (unstartable.has(meaning)) {
      const error = new ExpectedError('board_no_app', { said: text.slice(0, 120) })
      return this.#note(++this.#unstarted, ENOUGH.noApp, error)
    }
    return this.#ofFirmware(meaning, data)
  }

  /** What the board complains of; null where all seems well. */
  get trouble(): ExpectedError | null {
    return this.#trouble
  }

  /** It has not said a word. */
  get isSilent(): boolean {
    return this.#heard === 0
  }

  #ofFirmware(meaning: string, data: BoardLine['data']): ExpectedError | null {
    switch (meaning) {
      case 'gateway_boot':
        this.isRunning = true
        return null
      case 'wifi_connected':
        this.isRunning = true
        this.#trouble = null
        return null
      case 'broker_connected':
      case 'published':
        this.isRunning = true
        this.#trouble = null
        return null
      case 'wifi_failed': {
        const reason = reasonOf(data)
        const error = new ExpectedError('board_wifi_failed', { ssid: this.#ssid, reason })
        return this.#note(++this.#wifi, ENOUGH.wifi, error)
      }
      case 'broker_failed': {
        const reason = reasonOf(data)
        const error = new ExpectedError('board_broker_failed', { reason, address: this.#address })
        return this.#note(++this.#broker, ENOUGH.broker, error)
      }
      default:
        return null
    }
  }

  #loop(data: BoardLine['data']): ExpectedError {
    if (data['after'] === 'brownout') return brownout()
    if (this.#crashes === 0 && this.#unstarted > 0 && this.#trouble) return this.#trouble
    return panicked({ cause: `${data['count'] ?? ENOUGH.panic} restarts in ${data['seconds'] ?? '?'} s` }, '')
  }

  #note(count: number, enough: number, error: ExpectedError): ExpectedError | null {
    this.#trouble = error
    return count >= enough ? error : null
  }
}

function reasonOf(data: BoardLine['data']): string {
  return String(data['reason'] ?? '?').slice(0, 120)
}

function brownout(): ExpectedError {
  return new ExpectedError('board_brownout')
}

function panicked(data: BoardLine['data'], text: string): ExpectedError {
  return new ExpectedError('board_panicked', { cause: String(data['cause'] ?? text).slice(0, 120) })
}
