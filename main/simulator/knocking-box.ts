import type { BoxAnswer, BoxDoor } from './box-door.ts'
import { type GatewayCredentials, type ProvisionAnswer, toCredentials } from './gateway-credentials.ts'

/** How a box asks to be enrolled: with a key that the site makes, or with its own. */
export type KnockWay = 'bootstrap' | 'csr'

/** Where a box is on its way. */
export type BoxState = 'new' | 'waiting' | 'claimed' | 'enrolled'

export interface KnockingBoxOptions {
  door: Pick<BoxDoor, 'ask'>
  way: KnockWay
  mac: string
  chip: string
  firmware: string
  hardware?: string
}

const BOOTSTRAP = '/api/v1/gateways/bootstrap'
const CSR = '/api/v1/gateways/csr'
/** ms, where the site does not say. */
const POLL_EVERY = 30_000
const RETRY_FIRST = 1_000
const RETRY_MOST = 30_000

/** A box that nobody knows: knocks, polls until somebody has claimed it, fetches its credential. */
export class KnockingBox {
  readonly mac: string
  state: BoxState = 'new'
  /** Why the last request failed; null while all is well. */
  lastError: string | null = null
  readonly #options: KnockingBoxOptions
  #privateKey: string | null = null
  #wake: (() => void) | null = null

  constructor(options: KnockingBoxOptions) {
    this.#options = options
    this.mac = options.mac
  }

  /** Resolves with what the site made of it. @throws where the signal ends it, or it speaks what no simulated gateway does */
  async enroll(signal: AbortSignal): Promise<GatewayCredentials> {
    for (;;) {
      const secret = await this.#knock(signal)
      const credentials = await this.#pollAndFetch(secret, signal)
      if (credentials !== null) return credentials
      // Dismissed, or fetched by nobody for a day: it is as unknown as at first.
      this.state = 'new'
      await this.#pause(POLL_EVERY, signal)
    }
  }

  /** Does not wait for the end of its poll interval, this once. */
  pollNow(): void {
    this.#wake?.()
  }

  async #knock(signal: AbortSignal): Promise<string> {
    const { way, mac, chip, firmware, hardware = 'simulated' } = this.#options
    const said = { mac_address: mac, chip, firmware, hardware }
    const csr = way === 'csr' ? await this.#ownRequest() : null
    const asks = csr === null ? { path: BOOTSTRAP, body: said } : { path: CSR, body: { ...said, csr } }
    const { body } = await this.#ask('POST', asks.path, { body: asks.body, signal }, [202])
    if (typeof body['poll_secret'] !== 'string') throw new Error(`${mac} got no poll secret`)
    this.state = 'waiting'
    // Like small boxes: the first poll comes after one interval.
    await this.#pause(seconds(body['poll_interval']), signal)
    return body['poll_secret']
  }

  async #ownRequest(): Promise<string> {
    // Loaded by boxes with their own keys alone.
    const { makeOwnKey } = await import('./own-key.ts')
    const { privateKey, csr } = await makeOwnKey(this.mac)
    this.#privateKey = privateKey
    return csr
  }

  /** @returns null where the site knows the box no more */
  async #pollAndFetch(secret: string, signal: AbortSignal): Promise<GatewayCredentials | null> {
    for (;;) {
      const { status, body } = await this.#ask('POST', BOOTSTRAP, { secret, signal }, [200, 202, 410])
      if (status === 410) return null
      if (status === 200) break
      await this.#pause(seconds(body['poll_interval']), signal)
    }
    this.state = 'claimed'
    const fetched = await this.#ask('GET', `${BOOTSTRAP}/credential`, { secret, signal }, [200, 410])
    if (fetched.status === 410) return null
    const credentials = this.#credentials(fetched.body as unknown as ProvisionAnswer & { dialect: string })
    this.state = 'enrolled'
    return credentials
  }

  #credentials(answer: ProvisionAnswer & { dialect: string }): GatewayCredentials {
    const { dialect, code } = answer
    if (dialect !== 'canonical')
      throw new Error(`${code} was claimed as "${dialect}": simulated gateways speak the canonical dialect`)
    // Of a box with its own key the site has none.
    return toCredentials({ ...answer, private_key_pem: answer.private_key_pem ?? this.#privateKey })
  }

  /** Asks until there is one of these answers. A site that is not there, or has too much to do, is asked again later. */
  async #ask(
    method: 'GET' | 'POST',
    path: string,
    given: { secret?: string; body?: unknown; signal: AbortSignal },
    wanted: readonly number[],
  ): Promise<BoxAnswer> {
    const { door } = this.#options
    for (let wait = RETRY_FIRST; ; wait = Math.min(wait * 2, RETRY_MOST)) {
      given.signal.throwIfAborted()
      const answer = await door.ask(method, path, given).catch((error: Error) => error)
      given.signal.throwIfAborted()
      if (!(answer instanceof Error) && wanted.includes(answer.status)) {
        this.lastError = null
        return answer
      }
      const isRefused = !(answer instanceof Error) && answer.status < 500 && answer.status !== 429
      this.lastError = answer instanceof Error ? answer.message : textOf(answer)
      if (isRefused) throw new Error(`${this.mac} was refused: ${this.lastError}`)
      const asked = answer instanceof Error ? null : answer.retryAfter
      // Not all on one beat after a power cut.
      await this.#pause((asked === null ? wait : asked * 1_000) * (0.75 + Math.random() / 2), given.signal)
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        this.#wake = null
        if (signal.aborted) reject(signal.reason as Error)
        else resolve()
      }
      const timer = setTimeout(end, ms)
      this.#wake = end
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    })
  }
}

/** Why it was refused, in the site's words. */
function textOf({ status, body }: BoxAnswer): string {
  const { message } = body
  return typeof message === 'string' ? message : String(status)
}

/** A poll interval of the site, in ms. */
function seconds(given: unknown): number {
  return typeof given === 'number' && given > 0 ? given * 1_000 : POLL_EVERY
}
